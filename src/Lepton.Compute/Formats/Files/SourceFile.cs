namespace Lepton.Compute.Formats;

/// <summary>A file to read: its full path and its size when the job was planned.</summary>
internal sealed record SourceFile(string Path, long Bytes)
{
    /// <summary>Whether the file is read through gzip: its name ends in <c>.gz</c>.</summary>
    public bool IsGzip => Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>The split that covers the whole file.</summary>
    public FileSplit Whole => new(Path, 0, IsGzip ? long.MaxValue : Bytes, IsGzip);
}
