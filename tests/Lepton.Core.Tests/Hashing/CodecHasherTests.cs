using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Core.Tests.Hashing;

public sealed class CodecHasherTests
{
    [Fact]
    public void Hash_Value_IsHashOfItsCodedBytes()
    {
        CodecHasher<string> hasher = new(new TextCodec());
        using RecordWriter writer = new();
        writer.WriteString("some text");
        Assert.Equal(StableHash.OfBytes(writer.WrittenSpan), hasher.Hash("some text"));
        Assert.Equal(StableHash.OfBytes(writer.WrittenSpan), hasher.Hash("some text"));
    }

    [Fact]
    public void Hash_Null_IsNull() =>
        Assert.Equal(StableHash.OfNull, new CodecHasher<string>(new TextCodec()).Hash(null!));

    [Fact]
    public void Hash_HugeValue_LeavesLaterHashesRight()
    {
        CodecHasher<string> hasher = new(new TextCodec());
        ulong before = hasher.Hash("x");
        hasher.Hash(new string('y', 100_000));
        Assert.Equal(before, hasher.Hash("x"));
    }

    [Fact]
    public void Hash_CodecThrows_LeavesLaterHashesRight()
    {
        CodecHasher<string> hasher = new(new TextCodec());
        ulong before = hasher.Hash("x");
        Assert.Throws<FormatException>(() => hasher.Hash("bad"));
        Assert.Equal(before, hasher.Hash("x"));
    }

    [Fact]
    public void Hash_ManyThreads_AgreeWithOne()
    {
        CodecHasher<string> hasher = new(new TextCodec());
        ulong[] alone = [.. Enumerable.Range(0, 2000).Select(i => hasher.Hash($"key {i}"))];
        ulong[] together = new ulong[alone.Length];
        Parallel.For(0, alone.Length, i => together[i] = hasher.Hash($"key {i}"));
        Assert.Equal(alone, together);
    }

    private sealed class TextCodec : RecordCodec<string>
    {
        public override void Write(RecordWriter writer, string value)
        {
            writer.WriteString(value);
            if (value == "bad")
            {
                throw new FormatException();
            }
        }

        public override string Read(ref RecordReader reader) => reader.ReadString();
    }
}
