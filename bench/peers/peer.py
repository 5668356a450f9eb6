"""What the peers' programs share: options, the two worker processes, the line that says the result."""

import argparse
import json
import logging
import sys
import time

WORKERS = 2

# How long workers have stood before the work begins, on either side.
IDLE_SECONDS = 1.0


def options(**defaults):
    """Reads --name value for each default, as its type."""
    parser = argparse.ArgumentParser()
    for name, default in defaults.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(default), default=default)
    return parser.parse_args()


def cluster(directory):
    """Dask's scheduler in this process and two worker processes of one thread, its settings as they come."""
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.ERROR)
    return Client(LocalCluster(
        n_workers=WORKERS, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=directory))


class Stopwatch:
    """Counts the work alone: make it when the workers stand."""

    def __init__(self, idle=IDLE_SECONDS):
        time.sleep(idle)
        self.started = time.perf_counter()

    def seconds(self):
        return time.perf_counter() - self.started


def report(seconds, value=None, check="", note=""):
    """The line that the runner reads."""
    print(json.dumps({
        "seconds": seconds, "value": seconds if value is None else value, "check": check, "note": note}))
    sys.stdout.flush()
