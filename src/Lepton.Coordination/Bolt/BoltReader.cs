using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Lepton.Coordination.Bolt;

/// <summary>
/// Reads a bbolt database, such as etcd's snapshots, that nobody writes meanwhile. Every number in it is checked before
/// it is followed, so that a damaged file gives an error with the page and never a crash or an endless walk.
/// </summary>
internal sealed class BoltReader
{
    private const int DepthMax = 32;
    private readonly Stream _file;
    private readonly string _name;
    private readonly int _pageBytes;
    private readonly ulong _root;
    private readonly ulong _end;

    /// <summary>Opens a database.</summary>
    /// <param name="file">Seekable; the caller disposes it.</param>
    /// <param name="name">What messages call it, such as its path.</param>
    /// <exception cref="InvalidDataException">It is no such database.</exception>
    public BoltReader(Stream file, string name)
    {
        (_file, _name) = (file, name);
        // The second meta page lies where the first one says that pages begin; where the first is damaged, at the size
        // that every database of etcd has on this kind of machine.
        Meta? first = ReadMeta(0);
        Meta? second = ReadMeta(first?.PageBytes ?? BoltFormat.PageBytes);
        Meta newest = (first, second) switch
        {
            ({ } x, { } y) => x.Transaction > y.Transaction ? x : y,
            ({ } x, null) => x,
            (null, { } y) => y,
            _ => throw Damaged("neither of its two meta pages is whole. Is it a snapshot of etcd's?"),
        };
        (_pageBytes, _root, _end) = (newest.PageBytes, newest.Root, newest.End);
    }

    /// <summary>How many bytes the database takes, by its own account.</summary>
    public long SizeBytes => checked((long)_end * _pageBytes);

    /// <summary>The names of the buckets, ascending by their bytes.</summary>
    /// <exception cref="InvalidDataException">The database is damaged.</exception>
    public IEnumerable<string> BucketNames() => Walk(ReadPage(_root), depth: 0)
        .Where(static element => (element.Flags & BoltFormat.BucketElement) != 0)
        .Select(static element => System.Text.Encoding.UTF8.GetString(element.Key));

    /// <summary>The pairs of a bucket, ascending by key; nothing where there is no such bucket.</summary>
    /// <exception cref="InvalidDataException">The database is damaged.</exception>
    public IEnumerable<(byte[] Key, byte[] Value)> ReadBucket(string name)
    {
        byte[] wanted = System.Text.Encoding.UTF8.GetBytes(name);
        foreach ((uint flags, byte[] key, byte[] value) in Walk(ReadPage(_root), depth: 0))
        {
            if ((flags & BoltFormat.BucketElement) != 0 && key.AsSpan().SequenceEqual(wanted))
            {
                return Pairs(value, name);
            }
        }

        return [];
    }

    private IEnumerable<(byte[] Key, byte[] Value)> Pairs(byte[] bucket, string name)
    {
        if (bucket.Length < BoltFormat.BucketBytes)
        {
            throw Damaged($"the bucket '{name}' has a header of {bucket.Length} bytes, not {BoltFormat.BucketBytes}.");
        }

        ulong root = BinaryPrimitives.ReadUInt64LittleEndian(bucket);
        byte[] page = root == 0 ? bucket[BoltFormat.BucketBytes..] : ReadPage(root);
        return Walk(page, depth: 0).Select(static element => (element.Key, element.Value));
    }

    private IEnumerable<(uint Flags, byte[] Key, byte[] Value)> Walk(byte[] page, int depth)
    {
        ushort kind = Kind(page);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(Slice(page, 10, 2));
        if (depth > DepthMax || kind is not (BoltFormat.BranchPage or BoltFormat.LeafPage))
        {
            throw Damaged($"page {Number(page)} of kind {kind} stands where a page of the tree must, at depth " +
                $"{depth}.");
        }

        for (int i = 0; i < count; i++)
        {
            int at = BoltFormat.PageHeaderBytes + (i * BoltFormat.ElementBytes);
            if (kind == BoltFormat.LeafPage)
            {
                yield return Leaf(page, at);
                continue;
            }

            ulong child = BinaryPrimitives.ReadUInt64LittleEndian(Slice(page, at + 8, 8));
            foreach ((uint, byte[], byte[]) below in Walk(ReadPage(child), depth + 1))
            {
                yield return below;
            }
        }
    }

    private (uint Flags, byte[] Key, byte[] Value) Leaf(byte[] page, int at)
    {
        ReadOnlySpan<byte> element = Slice(page, at, BoltFormat.ElementBytes);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(element);
        long offset = at + (long)BinaryPrimitives.ReadUInt32LittleEndian(element[4..]);
        uint keyBytes = BinaryPrimitives.ReadUInt32LittleEndian(element[8..]);
        uint valueBytes = BinaryPrimitives.ReadUInt32LittleEndian(element[12..]);
        return (flags, Slice(page, offset, keyBytes).ToArray(), Slice(page, offset + keyBytes, valueBytes).ToArray());
    }

    private byte[] ReadPage(ulong number)
    {
        byte[] header = ReadAt(number, BoltFormat.PageHeaderBytes);
        uint overflow = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12));
        long bytes = (overflow + 1L) * _pageBytes;
        if (Number(header) != number || number + overflow >= _end || bytes > Array.MaxLength)
        {
            throw Damaged($"page {number} calls itself {Number(header)} and takes {overflow + 1L} of {_end} pages.");
        }

        return ReadAt(number, (int)bytes);
    }

    private byte[] ReadAt(ulong number, int bytes)
    {
        if (number >= _end)
        {
            throw Damaged($"it refers to page {number} and has {_end} pages.");
        }

        byte[] page = new byte[bytes];
        _file.Position = (long)number * _pageBytes;
        if (_file.ReadAtLeast(page, bytes, throwOnEndOfStream: false) < bytes)
        {
            throw Damaged($"it ends within page {number}; it must have been cut off.");
        }

        return page;
    }

    private Meta? ReadMeta(int offset)
    {
        byte[] page = new byte[BoltFormat.PageHeaderBytes + BoltFormat.MetaBytes];
        _file.Position = offset;
        if (_file.ReadAtLeast(page, page.Length, throwOnEndOfStream: false) < page.Length)
        {
            return null;
        }

        ReadOnlySpan<byte> meta = page.AsSpan(BoltFormat.PageHeaderBytes);
        uint pageBytes = BinaryPrimitives.ReadUInt32LittleEndian(meta[8..]);
        bool isWhole = BinaryPrimitives.ReadUInt32LittleEndian(meta) == BoltFormat.Magic &&
            BinaryPrimitives.ReadUInt32LittleEndian(meta[4..]) == BoltFormat.Version &&
            BinaryPrimitives.ReadUInt64LittleEndian(meta[56..]) == BoltFormat.Checksum(meta[..56]) &&
            pageBytes is >= 512 and <= 1 << 20;
        return isWhole
            ? new Meta((int)pageBytes, BinaryPrimitives.ReadUInt64LittleEndian(meta[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(meta[40..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(meta[48..]))
            : null;
    }

    private ReadOnlySpan<byte> Slice(byte[] page, long offset, long bytes) =>
        offset >= 0 && bytes >= 0 && offset + bytes <= page.Length
            ? page.AsSpan((int)offset, (int)bytes)
            : throw Damaged($"an element reaches beyond page {Number(page)}.");

    private static ushort Kind(byte[] page) => page.Length < BoltFormat.PageHeaderBytes
        ? (ushort)0
        : BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(8));

    private static ulong Number(byte[] page) =>
        page.Length < 8 ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(page);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private InvalidDataException Damaged(string what) => new($"{_name} can't be read as a bbolt database: {what}");

    private sealed record Meta(int PageBytes, ulong Root, ulong End, ulong Transaction);
}
