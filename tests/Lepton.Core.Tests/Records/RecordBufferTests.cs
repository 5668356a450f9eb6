using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Records;

namespace Lepton.Core.Tests.Records;

public sealed class RecordBufferTests
{
    [Fact]
    public void VarInt_OfEveryLength_IsLeb128()
    {
        RoundTrip.ForAll(
            Gen.OneOf(Values.UInt64, Values.UInt64Full),
            value =>
            {
                byte[] expected = Leb128(value);
                using var writer = new RecordWriter();
                writer.WriteVarUInt64(value);
                Assert.Equal(expected, writer.WrittenSpan.ToArray());

                // At the end of the input and with more behind it: two ways of reading.
                foreach (byte[] input in (byte[][])
                    [expected, [.. expected, .. new byte[16]], [.. expected, .. Enumerable.Repeat((byte)255, 16)]])
                {
                    var reader = new RecordReader(input);
                    Assert.Equal(value, reader.ReadVarUInt64());
                    Assert.Equal(expected.Length, reader.Position);
                }
            },
            1000);
    }

    [Fact]
    public void VarInt_AtEachChangeOfLength_IsLeb128()
    {
        for (int bits = 0; bits < 64; bits++)
        {
            foreach (ulong value in (ulong[])[1UL << bits, (1UL << bits) - 1, ~0UL >> bits])
            {
                using var writer = new RecordWriter();
                writer.WriteVarUInt64(value);
                Assert.Equal(Leb128(value), writer.WrittenSpan.ToArray());
                writer.WriteRaw(new byte[16]);
                var reader = new RecordReader(writer.WrittenSpan);
                Assert.Equal(value, reader.ReadVarUInt64());
            }
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    public void VarInt_LongerThan64Bits_IsRefused(int length)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, (byte)0xff);
        Assert.Contains(
            "does not fit in 64 bits",
            Assert.Throws<CorruptRecordException>(() => new RecordReader(bytes).ReadVarUInt64()).Message,
            StringComparison.Ordinal);
        bytes[9] = 2;
        Assert.Throws<CorruptRecordException>(() => new RecordReader(bytes).ReadVarUInt64());
    }

    [Fact]
    public void Writer_GrownByEveryKindOfWrite_KeepsWhatWasWritten()
    {
        using var writer = new RecordWriter(1);
        for (int i = 0; i < 2000; i++)
        {
            writer.WriteByte((byte)i);
            writer.WriteFixed32((uint)i);
            writer.WriteFixed64((ulong)i);
            writer.WriteVarInt64(-i);
            writer.WriteString("é" + i);
            writer.WriteBytes([1, 2]);
        }

        var reader = new RecordReader(writer.WrittenSpan);
        for (int i = 0; i < 2000; i++)
        {
            Assert.Equal((byte)i, reader.ReadByte());
            Assert.Equal((uint)i, reader.ReadFixed32());
            Assert.Equal((ulong)i, reader.ReadFixed64());
            Assert.Equal(-i, reader.ReadVarInt64());
            Assert.Equal("é" + i, reader.ReadString());
            Assert.Equal([1, 2], reader.ReadBytes().ToArray());
        }

        Assert.True(reader.End);
    }

    [Fact]
    public void Writer_ReservedAdvancedPatchedTruncated_Counts()
    {
        using var writer = new RecordWriter();
        int at = writer.Length;
        writer.WriteFixed32(0);
        writer.Reserve(3)[0] = 9;
        writer.Advance(1);
        writer.PatchFixed32(at, 0x04030201);
        Assert.Equal([1, 2, 3, 4, 9], writer.WrittenMemory.ToArray());
        writer.Truncate(1);
        Assert.Equal([1], writer.WrittenSpan.ToArray());
        Assert.Throws<InvariantException>(() => writer.Truncate(2));
        Assert.Throws<InvariantException>(() => writer.Advance(int.MaxValue));
        writer.Clear();
        Assert.Equal(0, writer.Length);
    }

    [Fact]
    public void Writer_Disposed_GivesItsMemoryBackOnceAndRefusesWrites()
    {
        var writer = new RecordWriter();
        writer.WriteFixed64(1);
        writer.Dispose();
        writer.Dispose();
        Assert.Equal(0, writer.Length);
        Assert.Throws<ObjectDisposedException>(() => writer.WriteByte(1));
        Assert.Throws<ObjectDisposedException>(() => writer.WriteFixed32(1));
        Assert.Throws<ObjectDisposedException>(() => writer.WriteVarUInt64(1000));
        Assert.Throws<ObjectDisposedException>(() => writer.WriteString("abc"));
        Assert.Throws<ObjectDisposedException>(() => writer.WriteString(""));

        // Had the second call returned the array again, two writers would now share it.
        using var one = new RecordWriter();
        using var two = new RecordWriter();
        one.WriteByte(1);
        two.WriteByte(2);
        Assert.Equal(1, one.WrittenSpan[0]);
    }

    [Fact]
    public void Writer_PastTheLargestArray_SaysWhatToDo()
    {
        using var writer = new RecordWriter();
        writer.WriteByte(1);
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(
            () => writer.Reserve(int.MaxValue));
        Assert.Contains("split it into smaller records", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadLength_BeyondTheInput_IsRefused()
    {
        Assert.Throws<CorruptRecordException>(() => new RecordReader([5, 1, 2]).ReadLength(1));
        Assert.Throws<CorruptRecordException>(() => new RecordReader([1, 1, 2]).ReadLength(3));
        Assert.Equal(2, new RecordReader([2, 1, 2]).ReadLength(1));
    }

    private static byte[] Leb128(ulong value)
    {
        var bytes = new List<byte>();
        while (value >= 0x80)
        {
            bytes.Add((byte)(value | 0x80));
            value >>= 7;
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
