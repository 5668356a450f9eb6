"""Ranks of torch.distributed, started as torchrun starts them: by its agent, of which the first rank reports."""

import os
import sys
import uuid


def run(count, work):
    """Calls work(rank) in as many processes, which have met over Gloo; with one rank, here and alone."""
    if count == 1:
        work(0)
    elif "RANK" not in os.environ:
        launch(count)
    else:
        import torch.distributed as dist

        dist.init_process_group("gloo")
        work(dist.get_rank())
        sys.stdout.flush()
        dist.barrier()
        dist.destroy_process_group()


def launch(count):
    """What torchrun --standalone does; its command line itself can't be read by Python 3.11 in PyTorch 1.13."""
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    config = LaunchConfig(
        min_nodes=1, max_nodes=1, nproc_per_node=count, run_id=str(uuid.uuid4()), max_restarts=0,
        rdzv_backend="c10d", rdzv_endpoint="localhost:0", monitor_interval=0.1)
    elastic_launch(config, sys.executable)(*sys.argv)
