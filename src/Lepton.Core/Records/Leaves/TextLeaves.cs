using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lepton.Core.Records.Leaves;

internal readonly struct StringLeaf : ILeaf<string?>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, string? value) => writer.WriteStringOrNull(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static string? Read(ref RecordReader reader) => reader.ReadStringOrNull();
}

internal readonly struct GuidLeaf : ILeaf<Guid>
{
    private const int Bytes = 16;

    public static void Write(RecordWriter writer, Guid value)
    {
        bool fits = value.TryWriteBytes(writer.Reserve(Bytes));
        Invariant.Check(fits);
        writer.Advance(Bytes);
    }

    public static Guid Read(ref RecordReader reader) => new(reader.ReadRaw(Bytes));
}

/// <summary>A byte count and the two's complement, lowest byte first, in the fewest bytes.</summary>
internal readonly struct BigIntegerLeaf : ILeaf<BigInteger>
{
    public static void Write(RecordWriter writer, BigInteger value)
    {
        int count = value.GetByteCount();
        writer.WriteVarUInt64((uint)count);
        bool fits = value.TryWriteBytes(writer.Reserve(count), out int written);
        Invariant.Check(fits && written == count);
        writer.Advance(count);
    }

    public static BigInteger Read(ref RecordReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes();
        try
        {
            return new BigInteger(bytes);
        }
        catch (OverflowException)
        {
            throw new CorruptRecordException(
                $"An integer of {bytes.Length:N0} bytes ends at byte {reader.Position}: more than a BigInteger holds.");
        }
    }
}

/// <summary>The address as it was spelled, behind a byte: 0 null, 1 relative, 2 absolute.</summary>
internal readonly struct UriLeaf : ILeaf<Uri?>
{
    public static void Write(RecordWriter writer, Uri? value)
    {
        if (value is null)
        {
            writer.WriteByte(0);
            return;
        }

        if (value.GetType() != typeof(Uri))
        {
            ValueRefusals.ThrowSubclass(value, typeof(Uri));
        }

        writer.WriteByte(value.IsAbsoluteUri ? (byte)2 : (byte)1);
        writer.WriteString(value.OriginalString);
    }

    public static Uri? Read(ref RecordReader reader)
    {
        byte tag = reader.ReadTag(2);
        if (tag == 0)
        {
            return null;
        }

        string text = reader.ReadString();
        if (!Uri.TryCreate(text, tag == 2 ? UriKind.Absolute : UriKind.Relative, out Uri? uri))
        {
            throw new CorruptRecordException($"The text that ends at byte {reader.Position} is not an address.");
        }

        return uri;
    }
}

/// <summary>A byte, 0 for null, else the number of parts (2 to 4), then the parts.</summary>
internal readonly struct VersionLeaf : ILeaf<Version?>
{
    public static void Write(RecordWriter writer, Version? value)
    {
        if (value is null)
        {
            writer.WriteByte(0);
            return;
        }

        int parts = value.Revision >= 0 ? 4 : value.Build >= 0 ? 3 : 2;
        writer.WriteByte((byte)parts);
        writer.WriteVarUInt64((uint)value.Major);
        writer.WriteVarUInt64((uint)value.Minor);
        if (parts > 2)
        {
            writer.WriteVarUInt64((uint)value.Build);
        }

        if (parts > 3)
        {
            writer.WriteVarUInt64((uint)value.Revision);
        }
    }

    public static Version? Read(ref RecordReader reader)
    {
        int parts = reader.ReadTag(4);
        return parts switch
        {
            0 => null,
            2 => new Version(Part(ref reader), Part(ref reader)),
            3 => new Version(Part(ref reader), Part(ref reader), Part(ref reader)),
            4 => new Version(Part(ref reader), Part(ref reader), Part(ref reader), Part(ref reader)),
            _ => throw new CorruptRecordException($"A version of one part stands at byte {reader.Position - 1}."),
        };
    }

    private static int Part(ref RecordReader reader)
    {
        ulong part = reader.ReadVarUInt64();
        if (part > int.MaxValue)
        {
            NumberRange.Throw(ref reader, part, "part of a version");
        }

        return (int)part;
    }
}
