using System.Buffers.Binary;
using System.Text;

namespace Lepton.Raft.Messages;

/// <summary>
/// Reads what <see cref="FieldWriter"/> wrote. Whatever the bytes are, it ends with values in their bounds or with a
/// <see cref="MalformedMessageException"/>, and never makes room for more than the bytes can hold. Data is a slice of
/// the bytes, not a copy.
/// </summary>
internal sealed class FieldReader(ReadOnlyMemory<byte> bytes, string what)
{
    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);
    private int _at;

    public byte Byte()
    {
        Need(1);
        return bytes.Span[_at++];
    }

    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        byte other => throw Malformed($"a flag is {other} instead of 0 or 1"),
    };

    public NodeId Id() => new(Fixed());

    public ulong Fixed()
    {
        Need(8);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span[_at..]);
        _at += 8;
        return value;
    }

    public UInt128 Wide()
    {
        Need(16);
        UInt128 value = BinaryPrimitives.ReadUInt128LittleEndian(bytes.Span[_at..]);
        _at += 16;
        return value;
    }

    public Term Term() => new(Number());

    public LogIndex Index() => new(Number());

    public long Number()
    {
        ReadOnlySpan<byte> rest = bytes.Span[_at..];
        ulong value = 0;
        for (int i = 0; i < rest.Length; i++)
        {
            ulong group = rest[i];
            if (i == 9 || (i == 8 && group > 0x7f))
            {
                throw Malformed("a number exceeds 63 bits");
            }

            value |= (group & 0x7f) << (7 * i);
            if (group < 0x80)
            {
                _at += i + 1;
                return (long)value;
            }
        }

        throw Malformed("it ends within a number");
    }

    /// <summary>How many things follow, each of which takes <paramref name="bytesEach"/> bytes at least.</summary>
    public int Count(int bytesEach)
    {
        long count = Number();
        return count <= (bytes.Length - _at) / bytesEach
            ? (int)count
            : throw Malformed($"{count} items are announced, for which {bytes.Length - _at} bytes are too few");
    }

    public string Text()
    {
        ReadOnlyMemory<byte> text = Bytes();
        try
        {
            return s_strictUtf8.GetString(text.Span);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("a text is not UTF-8");
        }
    }

    public ReadOnlyMemory<byte> Bytes()
    {
        int length = Count(bytesEach: 1);
        ReadOnlyMemory<byte> data = bytes.Slice(_at, length);
        _at += length;
        return data;
    }

    public LogEntry Entry(LogIndex index)
    {
        byte kind = Byte();
        return kind > (byte)EntryKind.Membership
            ? throw Malformed($"an entry has the unknown kind {kind}")
            : new LogEntry(Term(), index, (EntryKind)kind, Bytes());
    }

    /// <summary>Checks the version that the format begins with.</summary>
    public void Version(byte newest)
    {
        byte version = Byte();
        if (version == 0 || version > newest)
        {
            throw new MalformedMessageException(
                $"This {what} has format version {version}; this program reads versions 1 to {newest}. " +
                "Upgrade this node before its peers write the newer format.");
        }
    }

    /// <summary>Checks that nothing follows.</summary>
    public void End()
    {
        if (_at != bytes.Length)
        {
            throw Malformed($"{bytes.Length - _at} bytes follow its end");
        }
    }

    public MalformedMessageException Malformed(string fault) => new(
        $"These {bytes.Length} bytes are no {what}: {fault} (at byte {_at}). The sender is no peer of this cluster, " +
        "or the bytes were damaged on their way.");

    private void Need(int count)
    {
        if (bytes.Length - _at < count)
        {
            throw Malformed($"it ends where {count} more bytes must be");
        }
    }
}
