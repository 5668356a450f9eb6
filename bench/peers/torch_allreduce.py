"""The sum of a tensor over ranks by torch.distributed with Gloo."""

import statistics
import time

import peer
import ranks

WARM_UPS = 5


def main():
    given = peer.options(ranks=2, bytes=0, runs=0)

    def work(rank):
        import torch
        import torch.distributed as dist
        torch.set_num_threads(1)
        x = torch.ones(given.bytes // 4)
        times = []
        begun = time.perf_counter()
        for _ in range(WARM_UPS + given.runs):
            x.fill_(1)
            started = time.perf_counter()
            dist.all_reduce(x)
            times.append((time.perf_counter() - started) * 1e3)
            first = x.mean().item()
        if rank == 0:
            peer.report(
                time.perf_counter() - begun, statistics.median_low(times[WARM_UPS:]), check=f"{first:.0f}")

    ranks.run(given.ranks, work)


if __name__ == "__main__":
    main()
