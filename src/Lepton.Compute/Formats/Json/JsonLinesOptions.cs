namespace Lepton.Compute.Formats;

/// <summary>How JSON lines are read: one JSON value a line, UTF-8. Empty lines are left out.</summary>
public sealed record JsonLinesOptions
{
    /// <summary>What happens with lines that can't be read.</summary>
    public OnError OnError { get; init; } = OnError.Fail;

    /// <summary>How many left-out lines are listed, from 0; all are counted.</summary>
    public int SkippedRowsListedMax { get; init; } = 20;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public void Validate()
    {
        if (SkippedRowsListedMax < 0)
        {
            throw new ArgumentException($"JsonLinesOptions can't be used: SkippedRowsListedMax is " +
                $"{SkippedRowsListedMax}, but must be 0 or more.");
        }
    }
}
