namespace Lepton.Compute.Reports;

/// <summary>What the attempts of one stage came to. Rows and bytes are of attempts that succeeded.</summary>
internal sealed record StageSummary
{
    public required int Stage { get; init; }

    public required string Name { get; init; }

    public required int TaskCount { get; init; }

    /// <summary>Which of the timeline's colours it has.</summary>
    public required int Colour { get; init; }

    public required IReadOnlyList<int> Parents { get; init; }

    public required long Attempts { get; init; }

    public required long Succeeded { get; init; }

    public required long Retries { get; init; }

    public required long RowsOut { get; init; }

    public required long ShuffleReadBytes { get; init; }

    public required long ShuffleWrittenBytes { get; init; }

    public required long SpilledBytes { get; init; }

    public required long PeakMemoryBytes { get; init; }

    /// <summary>Of attempts that succeeded, within 1 %.</summary>
    public required double MedianMs { get; init; }

    public required double MaxMs { get; init; }

    /// <summary>From its start to its end; null when it did not end.</summary>
    public required double? Seconds { get; init; }

    /// <summary>How much longer the slowest task took than the median one; 0 when unknown.</summary>
    public double Skew => MedianMs > 0 ? MaxMs / MedianMs : 0;
}
