namespace Lepton.Compute.Formats;

/// <summary>Two columns of a CSV file have the same name, or fit the same member of the record.</summary>
public sealed class AmbiguousColumnException(string file, string message) : SourceException(message)
{
    /// <summary>The full path of the file.</summary>
    public string File { get; } = file;
}
