using System.Buffers;
using System.Buffers.Binary;

namespace Lepton.Coordination.Bolt;

/// <summary>Gathers the elements of one leaf or branch page; their offsets count from each element's own
/// place.</summary>
internal sealed class PageBuilder(ushort kind)
{
    private readonly List<(uint Flags, int KeyBytes, int ValueBytes, ulong Child)> _elements = [];
    private readonly ArrayBufferWriter<byte> _data = new();

    public ushort Kind => kind;

    public int Count => _elements.Count;

    /// <summary>The first key, by which the branch above finds the page; empty for an empty page.</summary>
    public byte[] FirstKey { get; private set; } = [];

    /// <summary>Whether another element fits into one page. The first one always does: it may take several
    /// pages.</summary>
    public bool HasRoom(int dataBytes) => _elements.Count == 0 ||
        BoltFormat.PageHeaderBytes + ((_elements.Count + 1) * BoltFormat.ElementBytes) + _data.WrittenCount +
            dataBytes <=
        BoltFormat.PageBytes;

    public void AddLeaf(uint flags, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Add(key, (flags, key.Length, value.Length, 0));
        _data.Write(value);
    }

    public void AddBranch(ReadOnlySpan<byte> key, ulong child) => Add(key, (0, key.Length, 0, child));

    /// <summary>What stands behind the page's header; the builder is empty afterwards.</summary>
    public byte[] TakeBody()
    {
        int table = _elements.Count * BoltFormat.ElementBytes;
        byte[] body = new byte[table + _data.WrittenCount];
        int data = table;
        for (int i = 0; i < _elements.Count; i++)
        {
            (uint flags, int keyBytes, int valueBytes, ulong child) = _elements[i];
            Span<byte> element = body.AsSpan(i * BoltFormat.ElementBytes);
            uint offset = (uint)(data - (i * BoltFormat.ElementBytes));
            if (kind == BoltFormat.LeafPage)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(element, flags);
                BinaryPrimitives.WriteUInt32LittleEndian(element[4..], offset);
                BinaryPrimitives.WriteUInt32LittleEndian(element[8..], (uint)keyBytes);
                BinaryPrimitives.WriteUInt32LittleEndian(element[12..], (uint)valueBytes);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(element, offset);
                BinaryPrimitives.WriteUInt32LittleEndian(element[4..], (uint)keyBytes);
                BinaryPrimitives.WriteUInt64LittleEndian(element[8..], child);
            }

            data += keyBytes + valueBytes;
        }

        _data.WrittenSpan.CopyTo(body.AsSpan(table));
        _elements.Clear();
        _data.ResetWrittenCount();
        FirstKey = [];
        return body;
    }

    private void Add(ReadOnlySpan<byte> key, (uint Flags, int KeyBytes, int ValueBytes, ulong Child) element)
    {
        if (_elements.Count == 0)
        {
            FirstKey = key.ToArray();
        }

        _elements.Add(element);
        _data.Write(key);
    }
}
