"""A chain of small operators and its backward in PyTorch."""

import statistics
import time

import peer

RUNS, WARM_UPS, OPERATORS_OF_ROUND = 60, 30, 4


def main():
    given = peer.options(operators=0, size=0)
    import torch
    torch.set_num_threads(1)
    x = torch.ones(given.size, requires_grad=True)
    w = torch.full((given.size,), 1.0001)
    times = []
    begun = time.perf_counter()
    for _ in range(WARM_UPS + RUNS):
        started = time.perf_counter()
        y = x
        for _ in range(given.operators // OPERATORS_OF_ROUND):
            y = torch.tanh(y * w + x) - w
        total = y.sum()
        total.backward()
        x.grad = None
        times.append((time.perf_counter() - started) * 1e6 / given.operators)
    peer.report(
        time.perf_counter() - begun, statistics.median_low(times[WARM_UPS:]), check=f"sum {total.item():.2f}")


if __name__ == "__main__":
    main()
