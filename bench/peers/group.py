"""Sums the values of rows by key with a Dask dataframe. The rows are made on the workers, in the time that counts."""

import peer


def rows(start, end, keys):
    """The same rows as the other side makes: SplitMix64 of the row's number."""
    import numpy
    import pandas

    z = numpy.arange(start, end, dtype=numpy.uint64) + numpy.uint64(0x9e3779b97f4a7c15)
    z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xbf58476d1ce4e5b9)
    z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94d049bb133111eb)
    z = z ^ (z >> numpy.uint64(31))
    return pandas.DataFrame({
        "key": (z % numpy.uint64(keys)).astype(numpy.int64),
        "value": (z >> numpy.uint64(40)).astype(numpy.int64),
    })


def totals(sums):
    """Number of groups, their total, and a sum over keys and values that wraps at 64 bits."""
    import numpy

    keys = sums.index.to_numpy().astype(numpy.uint64)
    values = sums.to_numpy().astype(numpy.uint64)
    return len(sums), int(sums.sum()), int((keys * values).sum(dtype=numpy.uint64))


def main():
    given = peer.options(rows=0, keys=0, partitions=0, split_out=1, work_directory="")
    import dask
    import dask.dataframe as dd
    import pandas

    with peer.cluster(given.work_directory):
        watch = peer.Stopwatch()
        borders = [given.rows * i // given.partitions for i in range(given.partitions + 1)]
        parts = [
            dask.delayed(rows)(start, end, given.keys) for start, end in zip(borders[:-1], borders[1:], strict=True)]
        frame = dd.from_delayed(parts, meta=pandas.DataFrame({"key": [0], "value": [0]}), verify_meta=False)
        sums = frame.groupby("key", sort=False).value.sum(split_out=given.split_out)
        found = dask.compute(*[dask.delayed(totals)(part) for part in sums.to_delayed()])
        seconds = watch.seconds()
        groups, total, digest = (sum(column) for column in zip(*found, strict=True))
        peer.report(seconds, check=f"{groups} groups, total {total}, hash {digest % (1 << 64):016x}")


if __name__ == "__main__":
    main()
