namespace Lepton.Compute.Formats;

/// <summary>
/// A file, directory or pattern that was to be read names nothing. The message says what is near and what to do.
/// </summary>
public sealed class SourceNotFoundException(string path, string message) : SourceException(message)
{
    /// <summary>The full path, or the pattern, that names nothing.</summary>
    public string Path { get; } = path;
}
