"""Ranks of torch.distributed: as many processes of the same program, of which the first one reports."""

import os
import socket
import sys


def run(count, work):
    """Calls work(rank) in as many processes, which have met over Gloo; with one rank, here and alone."""
    import torch
    if count == 1:
        work(0)
        return
    import torch.distributed as dist
    import torch.multiprocessing as mp
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def rank(number):
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        dist.init_process_group("gloo", rank=number, world_size=count)
        work(number)
        sys.stdout.flush()
        dist.barrier()
        dist.destroy_process_group()

    processes = [mp.get_context("fork").Process(target=rank, args=(number,)) for number in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        sys.exit(1)
