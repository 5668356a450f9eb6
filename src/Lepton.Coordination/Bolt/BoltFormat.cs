namespace Lepton.Coordination.Bolt;

/// <summary>
/// The numbers of bbolt's file format, in which etcd keeps its database and hands out its snapshots: pages with a
/// header of 16 bytes, a B+tree of pages for each bucket, two meta pages at the front of which the newer valid one
/// counts. All numbers are little-endian.
/// </summary>
internal static class BoltFormat
{
    public const int PageBytes = 4096;
    public const uint Magic = 0xED0CDAED;
    public const uint Version = 2;

    /// <summary>Page id, flags, number of elements, number of pages that follow as part of this one.</summary>
    public const int PageHeaderBytes = 16;

    /// <summary>Of a branch: offset of the key, its length, page. Of a leaf: flags, offset, both lengths.</summary>
    public const int ElementBytes = 16;

    /// <summary>A bucket as the value of its name: root page (0: a page follows right here), sequence.</summary>
    public const int BucketBytes = 16;

    /// <summary>What stands behind the header of a meta page, with its checksum.</summary>
    public const int MetaBytes = 64;

    public const ushort BranchPage = 0x01;
    public const ushort LeafPage = 0x02;
    public const ushort MetaPage = 0x04;
    public const ushort FreelistPage = 0x10;
    public const uint BucketElement = 0x01;

    /// <summary>The checksum of a meta page: FNV-1a of 64 bits over what stands before it.</summary>
    public static ulong Checksum(ReadOnlySpan<byte> meta)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in meta)
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return hash;
    }
}
