using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Lepton.Raft.Messages;

/// <summary>Writes the fields of a message: ids in eight bytes, other numbers in as few as they need.</summary>
internal sealed class FieldWriter(IBufferWriter<byte> output)
{
    private const int VarIntBytesMax = 10;
    private readonly IBufferWriter<byte> _output = output;

    public FieldWriter()
        : this(new ArrayBufferWriter<byte>())
    {
    }

    /// <summary>What was written, where this writer has a buffer of its own.</summary>
    public byte[] ToArray() => ((ArrayBufferWriter<byte>)_output).WrittenSpan.ToArray();

    public void Byte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Id(NodeId id) => Fixed(id.Value);

    public void Fixed(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_output.GetSpan(8), value);
        _output.Advance(8);
    }

    public void Fixed(UInt128 value)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(_output.GetSpan(16), value);
        _output.Advance(16);
    }

    public void Term(Term term) => Number(term.Value);

    public void Index(LogIndex index) => Number(index.Value);

    public void Count(int count) => Number(count);

    /// <summary>A number that is not negative, seven bits to the byte, lowest first.</summary>
    public void Number(long value)
    {
        Span<byte> room = _output.GetSpan(VarIntBytesMax);
        _output.Advance(Put(room, (ulong)value));
    }

    public void Text(string text)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        Count(bytes);
        Encoding.UTF8.GetBytes(text, _output.GetSpan(Math.Max(bytes, 1)));
        _output.Advance(bytes);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Count(bytes.Length);
        _output.Write(bytes);
    }

    /// <summary>An entry whose index follows from the message: kind, term, data; one request for room.</summary>
    public void Entry(LogEntry entry)
    {
        ReadOnlySpan<byte> data = entry.Data.Span;
        Span<byte> room = _output.GetSpan(1 + (2 * VarIntBytesMax) + data.Length);
        room[0] = (byte)entry.Kind;
        int at = 1;
        at += Put(room[at..], (ulong)entry.Term.Value);
        at += Put(room[at..], (ulong)data.Length);
        data.CopyTo(room[at..]);
        _output.Advance(at + data.Length);
    }

    private static int Put(Span<byte> room, ulong value)
    {
        int at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            room[at++] = (byte)(value | 0x80);
        }

        room[at] = (byte)value;
        return at + 1;
    }
}
