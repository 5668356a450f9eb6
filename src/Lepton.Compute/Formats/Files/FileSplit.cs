namespace Lepton.Compute.Formats;

/// <summary>
/// A part of a file that one task reads. Offsets of a gzip file count its decompressed bytes; it is always one split,
/// from 0 to <see cref="long.MaxValue"/>.
/// </summary>
internal sealed record FileSplit(string Path, long OffsetBytes, long LengthBytes, bool IsGzip)
{
    /// <summary>Which version of an object it is of; empty for files.</summary>
    public string ETag { get; init; } = "";

    /// <summary>The object's size; 0 for files.</summary>
    public long FileBytes { get; init; }

    /// <summary>The offset of the first byte that is no longer in the split.</summary>
    public long EndBytes => IsGzip ? long.MaxValue : OffsetBytes + LengthBytes;

    /// <summary>The same file from its start to where the split ends.</summary>
    public FileSplit FromStart => this with { OffsetBytes = 0, LengthBytes = EndBytes };
}
