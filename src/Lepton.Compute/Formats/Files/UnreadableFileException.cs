namespace Lepton.Compute.Formats;

/// <summary>A file that is there but can't be read: damaged gzip, not UTF-8, or changed while the job ran.</summary>
public sealed class UnreadableFileException(string path, string reason, Exception? inner = null)
    : SourceException($"{path} {reason}", inner)
{
    /// <summary>The full path of the file.</summary>
    public string Path { get; } = path;
}
