namespace Lepton.Compute.Reports;

/// <summary>A worker was killed or lost.</summary>
internal sealed record WorkerEnd
{
    /// <summary>Index of its lane.</summary>
    public required int Lane { get; init; }

    public required int Worker { get; init; }

    public required int? ProcessId { get; init; }

    public required double AtMs { get; init; }

    /// <summary>Why the program killed it; null when it died by itself.</summary>
    public required string? KilledBecause { get; init; }

    /// <summary>How it ended; null while the driver has not noticed.</summary>
    public required string? Cause { get; init; }

    public required long PeakMemoryBytes { get; init; }

    public required int TasksRunning { get; init; }

    public string Label => $"worker {Worker} {(KilledBecause is null ? "lost" : "killed")}";
}
