using System.Buffers.Binary;

namespace Lepton.Coordination.Bolt;

/// <summary>
/// Writes a bbolt database from front to back, bucket by bucket, each with its pairs in ascending order. Memory grows
/// with the number of pages (some 40 bytes each), not with the data. Not thread safe.
/// </summary>
internal sealed class BoltWriter
{
    private readonly Stream _file;
    private readonly List<(byte[] Name, ulong Root)> _buckets = [];
    private ulong _nextPage;

    /// <summary>Begins a database.</summary>
    /// <param name="file">Empty, seekable; the caller disposes it.</param>
    public BoltWriter(Stream file)
    {
        _file = file;
        // Two meta pages, which are known at the end, and an empty list of free pages.
        _file.Write(new byte[2 * BoltFormat.PageBytes]);
        _nextPage = 2;
        WritePage(BoltFormat.FreelistPage, 0, []);
    }

    /// <summary>Writes a bucket. Buckets come in any order, pairs ascending by the bytes of their keys.</summary>
    /// <exception cref="ArgumentException">The pairs are not ascending, or there is such a bucket.</exception>
    public void WriteBucket(
        ReadOnlySpan<byte> name, IEnumerable<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> pairs)
    {
        foreach ((byte[] other, _) in _buckets)
        {
            if (name.SequenceEqual(other))
            {
                throw new ArgumentException("There is a bucket of that name already.", nameof(name));
            }
        }

        _buckets.Add((name.ToArray(), WriteTree(pairs, flags: 0)));
    }

    /// <summary>Finishes the database; nothing can be written afterwards.</summary>
    public void Finish()
    {
        _buckets.Sort(static (x, y) => x.Name.AsSpan().SequenceCompareTo(y.Name));
        ulong root = WriteTree(_buckets.Select(static bucket =>
        {
            byte[] header = new byte[BoltFormat.BucketBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(header, bucket.Root);
            return (new ReadOnlyMemory<byte>(bucket.Name), new ReadOnlyMemory<byte>(header));
        }), BoltFormat.BucketElement);
        ulong end = _nextPage;
        _file.Position = 0;
        WriteMeta(page: 0, root, end);
        WriteMeta(page: 1, root, end);
        _file.Flush();
    }

    private ulong WriteTree(
        IEnumerable<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> pairs, uint flags)
    {
        List<(byte[] FirstKey, ulong Page)> level = [];
        PageBuilder page = new(BoltFormat.LeafPage);
        byte[]? last = null;
        foreach ((ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value) in pairs)
        {
            if (last is not null && key.Span.SequenceCompareTo(last) <= 0)
            {
                throw new ArgumentException("The pairs of a bucket must ascend by their keys.", nameof(pairs));
            }

            if (!page.HasRoom(key.Length + value.Length))
            {
                level.Add(Flush(page));
            }

            page.AddLeaf(flags, key.Span, value.Span);
            last = key.ToArray();
        }

        level.Add(Flush(page));
        while (level.Count > 1)
        {
            level = WriteBranches(level);
        }

        return level[0].Page;
    }

    private List<(byte[] FirstKey, ulong Page)> WriteBranches(List<(byte[] FirstKey, ulong Page)> below)
    {
        List<(byte[] FirstKey, ulong Page)> level = [];
        PageBuilder page = new(BoltFormat.BranchPage);
        foreach ((byte[] key, ulong child) in below)
        {
            if (!page.HasRoom(key.Length))
            {
                level.Add(Flush(page));
            }

            page.AddBranch(key, child);
        }

        level.Add(Flush(page));
        return level;
    }

    private (byte[] FirstKey, ulong Page) Flush(PageBuilder page)
    {
        (byte[] firstKey, ulong number) = (page.FirstKey, _nextPage);
        WritePage(page.Kind, page.Count, page.TakeBody());
        return (firstKey, number);
    }

    private void WritePage(ushort kind, int count, ReadOnlySpan<byte> body)
    {
        int pages = (BoltFormat.PageHeaderBytes + body.Length + BoltFormat.PageBytes - 1) / BoltFormat.PageBytes;
        byte[] bytes = new byte[pages * BoltFormat.PageBytes];
        WriteHeader(bytes, _nextPage, kind, checked((ushort)count), (uint)(pages - 1));
        body.CopyTo(bytes.AsSpan(BoltFormat.PageHeaderBytes));
        _file.Write(bytes);
        _nextPage += (ulong)pages;
    }

    private void WriteMeta(ulong page, ulong root, ulong end)
    {
        byte[] bytes = new byte[BoltFormat.PageBytes];
        WriteHeader(bytes, page, BoltFormat.MetaPage, count: 0, overflow: 0);
        Span<byte> meta = bytes.AsSpan(BoltFormat.PageHeaderBytes, BoltFormat.MetaBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(meta, BoltFormat.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[4..], BoltFormat.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[8..], BoltFormat.PageBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[16..], root);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[32..], 2);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[40..], end);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[48..], page);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[56..], BoltFormat.Checksum(meta[..56]));
        _file.Write(bytes);
    }

    private static void WriteHeader(Span<byte> bytes, ulong page, ushort kind, ushort count, uint overflow)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, page);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], kind);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[10..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], overflow);
    }
}
