using Lepton.Compute.Events;
using static Lepton.Compute.Tests.Events.TestLog;

namespace Lepton.Compute.Tests.Events;

/// <summary>One event of each kind, with every field filled.</summary>
internal static class SampleEvents
{
    public static IReadOnlyList<JobEvent> OneOfEach { get; } =
    [
        new SessionStarted(At(0), "s-1", SessionMode.Processes, 3, 2, 42, "0.1.0", "iris"),
        new WorkerStarted(At(0.1), 0, 4001),
        new JobStarted(At(0.2), "count"),
        new StageStarted(At(0.2), 1, "read → trees", 12, [0]),
        Task(3) with
        {
            QueuedMs = 1.25,
            RowsOut = 9,
            ShuffleReadBytes = 8,
            ShuffleWrittenBytes = 7,
            SpilledBytes = 6,
            PeakMemoryBytes = 5,
            Speculative = true,
            Outcome = TaskOutcome.Failed,
            ErrorType = "System.FormatException",
            ErrorMessage = "'x' is not a number\nin row 3",
        },
        new TaskRetried(At(1), 1, 3, 2, "worker 0 was lost", 120.5),
        new WorkerKilled(At(1), 0, "quickstart shows recovery"),
        new WorkerLost(At(1.1), 0, 4001, "killed by SIGKILL", 123_456_789, 2),
        new OutputLost(At(1.1), 1, 0, [1, 2]),
        new RowsSkipped(At(1.2), "data/iris.csv", 2, ["line 7: 'x'"]),
        new Exhibit(At(2), "Confusion", new MatrixContent("actual", "guess", ["a", "b"], ["a", "b"], [[1, 2], [3, 4]])),
        new Exhibit(At(2), "Importances", new BarsContent([new("width", 0.5), new("odd", double.NaN)])),
        new Exhibit(At(2), "Facts", new ValuesContent([new("accuracy", "96.7 %", Headline: true), new("trees", "9")])),
        new Exhibit(At(2), "Notes", new TextContent("one\ntwo")),
        new Message(At(2), "Hello, Ünïcode 🌳 <script>"),
        new EventsLost(At(2), 7, "disk full"),
        new StageFinished(At(2), 1, 1.8),
        new JobFinished(At(2), "count", false, 1.8, "boom"),
        new SessionFinished(At(2.5), false, 2.5, "boom"),
    ];
}
