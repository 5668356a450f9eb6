"""Word count by a Dask bag: lines, split on white space, frequencies, brought to the client."""

import peer

MASK = (1 << 64) - 1


def tally(counts):
    """One line that is the same for all who counted the same words."""
    distinct = words = total = 0
    for word, count in counts:
        value = 0xcbf29ce484222325
        for byte in word.encode():
            value = ((value ^ byte) * 0x100000001b3) & MASK
        distinct += 1
        words += count
        total = (total + value * count) & MASK
    return f"{words} words, {distinct} distinct, hash {total:016x}"


def warm(_):
    return 0


def main():
    given = peer.options(file="", scheduler="distributed", blocksize="16MiB", work_directory="", idle=peer.IDLE_SECONDS)
    import dask
    import dask.bag as db

    def count():
        watch = peer.Stopwatch(given.idle)
        counts = db.read_text(given.file, blocksize=given.blocksize).str.split().flatten().frequencies().compute()
        peer.report(watch.seconds(), check=tally(counts))

    if given.scheduler == "distributed":
        with peer.cluster(given.work_directory):
            count()
    else:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(peer.WORKERS) as pool, dask.config.set(scheduler="processes", pool=pool):
            # The processes stand before the watch starts, as the others' workers do.
            list(pool.map(warm, range(peer.WORKERS * 4)))
            count()


if __name__ == "__main__":
    main()
