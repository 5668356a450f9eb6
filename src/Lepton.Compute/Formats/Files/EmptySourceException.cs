namespace Lepton.Compute.Formats;

/// <summary>The files that were to be read hold no row at all.</summary>
public sealed class EmptySourceException(string path, string message) : SourceException(message)
{
    /// <summary>The first of the files.</summary>
    public string Path { get; } = path;
}
