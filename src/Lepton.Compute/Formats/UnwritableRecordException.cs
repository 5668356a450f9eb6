namespace Lepton.Compute.Formats;

/// <summary>A record that a file format has no way to write so that it could be read back.</summary>
public sealed class UnwritableRecordException(string format, long row, string reason)
    : SourceException($"Row {row} can't be written as {format}: {reason}")
{
    /// <summary>The number of the record in what was written, from 1.</summary>
    public long Row { get; } = row;
}
