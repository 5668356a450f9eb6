namespace Lepton.Compute.Formats;

/// <summary>Turns what is wrong with a row of a split into an exception or a report, as the options say.</summary>
internal sealed class RowErrors(FileSplit split, OnError onError, ISkippedRows skipped) : IDisposable
{
    private readonly LineCounter _lines = new(split);

    /// <summary>Throws, or reports. The offset is that of the row's first byte.</summary>
    public void Raise(long offsetBytes, string? column, string value, string expected, string reason,
        Exception? inner = null)
    {
        var error = new RowError(split.Path, _lines.LineAt(offsetBytes), column, value, expected, reason);
        if (onError == OnError.Fail)
        {
            throw new MalformedRowException(error, inner);
        }

        skipped.Report(error);
    }

    public void Dispose() => _lines.Dispose();
}
