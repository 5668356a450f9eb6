namespace Lepton.Compute.Formats;

/// <summary>A file or an object to read, as it was when the job was planned.</summary>
/// <param name="Path">The full path, or the URL.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="ETag">Which version of an object it is; empty for files.</param>
internal sealed record SourceFile(string Path, long Bytes, string ETag = "")
{
    /// <summary>Whether the file is read through gzip: its name ends in <c>.gz</c>.</summary>
    public bool IsGzip => Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>The split that covers the whole file.</summary>
    public FileSplit Whole => Split(0, IsGzip ? long.MaxValue : Bytes);

    /// <summary>A split of it.</summary>
    public FileSplit Split(long offsetBytes, long lengthBytes) => new(Path, offsetBytes, lengthBytes, IsGzip)
    {
        ETag = ETag,
        FileBytes = ETag.Length > 0 ? Bytes : 0,
    };
}
