namespace Lepton.Compute.Formats;

/// <summary>A CSV file has another number of columns than the record, which takes them by position.</summary>
public sealed class ColumnCountException(string file, string message) : SourceException(message)
{
    /// <summary>The full path of the file.</summary>
    public string File { get; } = file;
}
