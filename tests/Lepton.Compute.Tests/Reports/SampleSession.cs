using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Reports;

/// <summary>
/// The log of a session like quickstart's: three workers of two slots, 120 tasks in four stages, one worker killed on
/// the way and replaced, retries, a failed attempt, a speculative twin, and exhibits.
/// </summary>
internal static class SampleSession
{
    private const int Trees = 90;

    public static DateTimeOffset Start { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static IReadOnlyList<JobEvent> Events()
    {
        var events = new List<JobEvent>
        {
            new SessionStarted(At(0), "20260301-120000-iris", SessionMode.Processes, 3, 2, 42, "0.1.0", "iris"),
        };
        for (int worker = 0; worker < 3; worker++)
        {
            events.Add(new WorkerStarted(At(420 + (worker * 15)), worker, 4101 + worker));
        }

        events.Add(new JobStarted(At(460), "fit StandardScaler"));
        events.Add(new StageStarted(At(460), 1, "read iris.csv", 12, []));
        double end = AddStage(events, 1, 12, 460, 18, 40, [0, 1, 2]);
        string[] skipped = ["line 17, column petal_width: 'n/a' is not a number", "line 90: 3 fields, expected 5"];
        events.Add(new RowsSkipped(At(end), "data/iris.csv", 2, skipped));
        events.Add(new StageFinished(At(end), 1, (end - 460) / 1000));
        events.Add(new StageStarted(At(end), 2, "aggregate mean and variance", 9, [1]));
        double aggregated = AddStage(events, 2, 9, end, 9, 6, [0, 1, 2]);
        events.Add(new StageFinished(At(aggregated), 2, (aggregated - end) / 1000));
        events.Add(new JobFinished(At(aggregated), "fit StandardScaler", true, (aggregated - 460) / 1000));
        AddForest(events, aggregated + 12);
        return [.. events.OrderBy(e => e.Time)];
    }

    private static void AddForest(List<JobEvent> events, double from)
    {
        events.Add(new JobStarted(At(from), "fit RandomForestClassifier"));
        events.Add(new StageStarted(At(from), 3, "train trees", Trees, [1]));
        double killed = from + 260;
        List<(double Ms, int Worker)> free = [(from, 0), (from, 0), (from, 1), (from, 1), (from, 2), (from, 2)];
        var waiting = new Queue<(int Partition, int Attempt)>(Enumerable.Range(0, Trees).Select(tree => (tree, 1)));
        bool isDead = false;
        double end = from;
        while (waiting.Count > 0)
        {
            (double now, int worker) = free.Min();
            free.Remove((now, worker));
            if (isDead && worker == 1)
            {
                continue;
            }

            (int partition, int attempt) = waiting.Dequeue();
            double ms = 34 + (partition * 7919 % 23);
            if (worker == 1 && now + ms > killed)
            {
                events.Add(Task(3, partition, attempt, worker, now, killed - now) with { Outcome = TaskOutcome.Lost });
                events.Add(new TaskRetried(At(killed + 9), 3, partition, attempt + 1, "worker 1 was lost", 20));
                waiting.Enqueue((partition, attempt + 1));
                if (!isDead && free.All(slot => slot.Worker != 1 || slot.Ms > killed))
                {
                    isDead = free.All(slot => slot.Worker != 1);
                }

                continue;
            }

            if (partition == 20 && attempt == 1)
            {
                events.Add(Task(3, partition, attempt, worker, now, 21) with
                {
                    Outcome = TaskOutcome.Failed,
                    ErrorType = "System.IO.IOException",
                    ErrorMessage = "The connection was reset while partition 20 was read.",
                });
                events.Add(new TaskRetried(At(now + 21), 3, partition, 2, "I/O error: the connection was reset", 35));
                waiting.Enqueue((partition, 2));
                free.Add((now + 21, worker));
                continue;
            }

            events.Add(Task(3, partition, attempt, worker, now, ms) with
            {
                RowsOut = 1,
                ShuffleWrittenBytes = 18_300,
            });
            end = Math.Max(end, now + ms);
            free.Add((now + ms, worker));
            if (partition == 45)
            {
                free.AddRange([(killed + 260, 3), (killed + 260, 3)]);
            }
        }

        events.Add(new WorkerKilled(At(killed), 1, "quickstart shows that a job outlives a worker"));
        events.Add(new WorkerLost(At(killed + 8), 1, 4102, "killed by signal 9 (SIGKILL)", 96_400_000, 2));
        events.Add(new OutputLost(At(killed + 8), 1, 1, [1, 4, 7, 10]));
        events.Add(new WorkerStarted(At(killed + 252), 3, 4188));
        AddEnd(events, from, end);
    }

    private static void AddEnd(List<JobEvent> events, double from, double end)
    {
        events.Add(Task(3, 77, 1, 2, end - 60, 66) with { Speculative = true, Outcome = TaskOutcome.Cancelled });
        end += 7;
        events.Add(new StageFinished(At(end), 3, (end - from) / 1000));
        events.Add(new StageStarted(At(end), 4, "merge forest", 9, [3]));
        double merged = AddStage(events, 4, 9, end, 14, 9, [0, 2, 3]);
        events.Add(new StageFinished(At(merged), 4, (merged - end) / 1000));
        events.Add(new JobFinished(At(merged), "fit RandomForestClassifier", true, (merged - from) / 1000));
        string[] classes = ["setosa", "versicolor", "virginica"];
        events.Add(new Exhibit(At(merged + 1), "Result", new ValuesContent(
        [
            new("Test accuracy", "96.7 %", Headline: true),
            new("Five-fold accuracy", "95.3 %", Headline: true),
            new("Trees", "100"),
            new("Model SHA-256", "5f0c6a1e1d8be3f1c7b6a7d94b27f3b1b8f0a6f1f7b1f0a1c2d3e4f5a6b7c8d9"),
        ])));
        events.Add(new Exhibit(At(merged + 1), "Confusion matrix", new MatrixContent(
            "actual", "predicted", classes, classes, [[10, 0, 0], [0, 9, 1], [0, 0, 10]])));
        events.Add(new Exhibit(At(merged + 1), "Feature importances", new BarsContent(
        [
            new("petal length (cm)", 0.4412), new("petal width (cm)", 0.4271), new("sepal length (cm)", 0.1034),
            new("sepal width (cm)", 0.0283),
        ])));
        events.Add(new Message(At(merged + 1), "The model was written to iris.model."));
        events.Add(new SessionFinished(At(merged + 4), true, (merged + 4) / 1000));
    }

    private static double AddStage(
        List<JobEvent> events, int stage, int tasks, double from, double leastMs, double spreadMs, int[] workers)
    {
        double[] free = [.. Enumerable.Repeat(from, workers.Length * 2)];
        for (int partition = 0; partition < tasks; partition++)
        {
            int slot = Array.IndexOf(free, free.Min());
            double ms = leastMs + (partition * 31 % 10 / 10.0 * spreadMs);
            events.Add(Task(stage, partition, 1, workers[slot / 2], free[slot], ms) with
            {
                QueuedMs = free[slot] - from,
                RowsOut = stage == 1 ? 150 / tasks : 1,
                ShuffleWrittenBytes = stage == 1 ? 5_200 : 0,
                ShuffleReadBytes = stage == 1 ? 0 : 9_100,
                SpilledBytes = stage == 4 ? 1_250_000 : 0,
            });
            free[slot] += ms;
        }

        return free.Max();
    }

    private static TaskFinished Task(int stage, int partition, int attempt, int worker, double from, double ms) =>
        new(At(from + ms), stage, partition, attempt, worker, At(from), ms, TaskOutcome.Succeeded)
        {
            PeakMemoryBytes = 20_000_000 + (partition * 100_000),
        };

    private static DateTimeOffset At(double ms) => Start.AddMilliseconds(ms);
}
