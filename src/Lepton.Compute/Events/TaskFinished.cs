namespace Lepton.Compute.Events;

/// <summary>
/// One attempt at a task ended, however it ended. It is the only line that an attempt writes, so that the log stays
/// small. Figures that are zero, null or false are left out of the line.
/// </summary>
/// <param name="Time">When the driver learned of it.</param>
/// <param name="Stage">The stage's number.</param>
/// <param name="Partition">The partition, from 0.</param>
/// <param name="Attempt">From 1.</param>
/// <param name="Worker">The worker that ran it.</param>
/// <param name="Start">
/// When it began to run, by the clock of its worker; of a lost one, which could not say so, when it was first heard of.
/// </param>
/// <param name="DurationMs">How long it ran, in milliseconds; the log keeps three decimals.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record TaskFinished(
    DateTimeOffset Time,
    int Stage,
    int Partition,
    int Attempt,
    int Worker,
    DateTimeOffset Start,
    double DurationMs,
    TaskOutcome Outcome) : JobEvent(Time)
{
    /// <summary>
    /// How long it was on its way and waited for a free slot, in milliseconds; the log keeps three decimals.
    /// </summary>
    public double QueuedMs { get; init; }

    /// <summary>Rows written to a shuffle or an output; 0 for a task whose result goes to the driver.</summary>
    public long RowsOut { get; init; }

    /// <summary>Bytes fetched from the output of other tasks.</summary>
    public long ShuffleReadBytes { get; init; }

    /// <summary>Bytes written for other tasks to fetch.</summary>
    public long ShuffleWrittenBytes { get; init; }

    /// <summary>Bytes that went to disk because memory was short.</summary>
    public long SpilledBytes { get; init; }

    /// <summary>The most memory that its worker's process had used until then; 0 when unknown.</summary>
    public long PeakMemoryBytes { get; init; }

    /// <summary>True for the twin of a straggler.</summary>
    public bool Speculative { get; init; }

    /// <summary>The type of the exception of a failed attempt, or null.</summary>
    public string? ErrorType { get; init; }

    /// <summary>The message of the exception of a failed attempt, or null.</summary>
    public string? ErrorMessage { get; init; }
}
