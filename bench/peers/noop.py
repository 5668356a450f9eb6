"""No-op tasks: as many as last long enough, submitted at once and gathered."""

import peer


def noop(number):
    return number


def main():
    given = peer.options(seconds_min=3000, work_directory="")
    seconds_min = given.seconds_min / 1000
    with peer.cluster(given.work_directory) as client:
        tasks = 1000
        warm = False
        while True:
            watch = peer.Stopwatch()
            # pure=False spares it hashing the arguments, which is the faster way here.
            done = client.gather(client.map(noop, range(tasks), pure=False))
            seconds = watch.seconds()
            if len(done) != tasks:
                raise RuntimeError(f"{len(done)} of {tasks} tasks came back")
            if warm and seconds >= seconds_min:
                peer.report(seconds, tasks / seconds, note=f"{tasks} tasks")
                return
            tasks = int(tasks * min(10, max(1.5 if warm else 1, seconds_min / seconds * 1.15)))
            warm = True


if __name__ == "__main__":
    main()
