using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>The parts of a <see cref="JobReport"/> that the page and the timeline are made of.</summary>
internal sealed record ReportDetails
{
    public required IReadOnlyList<StageSummary> Stages { get; init; }

    public required IReadOnlyList<WorkerLane> Lanes { get; init; }

    public required Capped<WorkerEnd> WorkerEnds { get; init; }

    public required Timeline Timeline { get; init; }

    public required IReadOnlyList<(string Reason, long Count)> RetryReasons { get; init; }

    public required Capped<TaskRetried> Retried { get; init; }

    public required IReadOnlyList<(FailureGroup Failure, long Count)> Failures { get; init; }

    public required Capped<OutputLost> OutputsLost { get; init; }

    public required Capped<SkippedFile> Skipped { get; init; }

    public required long RowsSkipped { get; init; }

    public required Capped<JobFinished> Jobs { get; init; }

    public required Capped<Message> Messages { get; init; }
}
