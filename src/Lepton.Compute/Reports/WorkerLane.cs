namespace Lepton.Compute.Reports;

/// <summary>One life of one worker: a lane of the timeline. A worker that is started again gets a new lane.</summary>
internal sealed record WorkerLane
{
    public required int Worker { get; init; }

    /// <summary>1 for the first process under this number, 2 for the one that replaced it.</summary>
    public required int Life { get; init; }

    public required int? ProcessId { get; init; }

    public required double StartMs { get; init; }

    /// <summary>When it was lost; null when it lived to the end.</summary>
    public required double? EndMs { get; init; }

    /// <summary>Rows that its tasks need: how many ran at once.</summary>
    public required int Rows { get; init; }

    public required long Succeeded { get; init; }

    public required long Failed { get; init; }

    public required long Cancelled { get; init; }

    public required long Lost { get; init; }

    public required double BusyMs { get; init; }

    public required long PeakMemoryBytes { get; init; }

    /// <summary>True for the lane that stands for all workers beyond those that have one of their own.</summary>
    public required bool IsRest { get; init; }

    public string Name => IsRest ? "other workers" : Life == 1 ? $"worker {Worker}" : $"worker {Worker} ({Life})";
}
