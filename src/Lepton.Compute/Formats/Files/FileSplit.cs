namespace Lepton.Compute.Formats;

/// <summary>
/// A part of a file that one task reads. Offsets of a gzip file count its decompressed bytes; it is always one split,
/// from 0 to <see cref="long.MaxValue"/>.
/// </summary>
internal sealed record FileSplit(string Path, long OffsetBytes, long LengthBytes, bool IsGzip)
{
    /// <summary>The offset of the first byte that is no longer in the split.</summary>
    public long EndBytes => IsGzip ? long.MaxValue : OffsetBytes + LengthBytes;
}
