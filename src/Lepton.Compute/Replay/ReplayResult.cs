namespace Lepton.Compute.Replay;

/// <summary>How a replay ended.</summary>
public sealed record ReplayResult
{
    /// <summary>What user code threw, itself and with its full stack; null when the task succeeded.</summary>
    public required Exception? Thrown { get; init; }

    /// <summary>
    /// True when it ended with the same type and message as in the job; null where the job did not end it with an
    /// exception (memory, deadline, a dead worker).
    /// </summary>
    public required bool? FailedAlike { get; init; }

    /// <summary>Records that the task gave on; null where its kind of stage does not count them.</summary>
    public required long? RecordsOut { get; init; }

    /// <summary>Bytes that the task gave on: the coded result, or what it wrote for the next stage.</summary>
    public required long BytesOut { get; init; }

    /// <summary>Bytes that it read of shuffles.</summary>
    public required long ShuffleReadBytes { get; init; }

    /// <summary>Bytes that it spilled to disk.</summary>
    public required long SpilledBytes { get; init; }

    /// <summary>The highest resident size of this process, in bytes.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>How long it ran.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>What may make it differ from the failed attempt, in sentences.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
