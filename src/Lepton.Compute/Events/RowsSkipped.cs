namespace Lepton.Compute.Events;

/// <summary>Malformed rows that a source left out, as its user asked.</summary>
/// <param name="Time">When.</param>
/// <param name="File">The file or address.</param>
/// <param name="Count">Rows left out in this part of it.</param>
/// <param name="Samples">A few of them, each with its line and what was wrong.</param>
public sealed record RowsSkipped(
    DateTimeOffset Time, string File, long Count, IReadOnlyList<string> Samples) : JobEvent(Time);
