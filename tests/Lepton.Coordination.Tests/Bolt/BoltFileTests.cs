using System.Buffers.Binary;
using System.Text;
using Lepton.Coordination.Bolt;
using Lepton.Core.Randomness;

namespace Lepton.Coordination.Tests.Bolt;

public sealed class BoltFileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20_000)]
    public void ReadBucket_OfWhatWasWritten_GivesItBack(int count)
    {
        using MemoryStream file = Write(("key", Pairs(count)), ("empty", []));

        BoltReader reader = new(file, "test");

        Assert.Equal(Pairs(count).Select(Text), reader.ReadBucket("key").Select(pair => Text((pair.Key, pair.Value))));
        Assert.Empty(reader.ReadBucket("empty"));
        Assert.Empty(reader.ReadBucket("nowhere"));
        Assert.Equal(0, file.Length % BoltFormat.PageBytes);
    }

    [Fact]
    public void ReadBucket_ValueOfManyPages_GivesItBack()
    {
        byte[] large = new byte[100_000];
        large[^1] = 7;
        using MemoryStream file = Write(("key", [(new byte[] { 1 }, large), (new byte[] { 2 }, new byte[] { 3 })]));

        (byte[] Key, byte[] Value)[] read = [.. new BoltReader(file, "test").ReadBucket("key")];

        Assert.Equal(large, read[0].Value);
        Assert.Equal([3], read[1].Value);
    }

    [Fact]
    public void WriteBucket_KeysOutOfOrder_AreRefused() => Assert.Throws<ArgumentException>(
        () => Write(("key", [(new byte[] { 2 }, new byte[] { 3 }), (new byte[] { 1 }, new byte[] { 3 })])));

    [Fact]
    public void ReadBucket_DamagedAnywhere_ThrowsInvalidDataOrReadsOn()
    {
        byte[] whole = Write(("key", Pairs(2000))).ToArray();
        SeededRandom random = new(7);
        for (int round = 0; round < 3000; round++)
        {
            byte[] damaged = [.. whole];
            for (int flips = 0; flips <= random.NextInt32(3); flips++)
            {
                damaged[random.NextInt32(damaged.Length)] ^= (byte)(1 << random.NextInt32(8));
            }

            try
            {
                using MemoryStream file = new(damaged, 0,
                    damaged.Length - (round % 3 == 0 ? random.NextInt32(5000) : 0));
                Assert.InRange(new BoltReader(file, "test").ReadBucket("key").Count(), 0, 1_000_000);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith("test can't be read as a bbolt database: ", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void BoltReader_NoDatabase_SaysSo()
    {
        using MemoryStream file = new(Encoding.UTF8.GetBytes("this is no database at all"));

        InvalidDataException e = Assert.Throws<InvalidDataException>(() => new BoltReader(file, "some.db"));

        Assert.Contains("some.db can't be read as a bbolt database: neither of its two meta pages is whole", e.Message,
            StringComparison.Ordinal);
    }

    private static MemoryStream Write(
        params (string Name, IEnumerable<(ReadOnlyMemory<byte>, ReadOnlyMemory<byte>)> Pairs)[] buckets)
    {
        MemoryStream file = new();
        BoltWriter writer = new(file);
        foreach ((string name, IEnumerable<(ReadOnlyMemory<byte>, ReadOnlyMemory<byte>)> pairs) in buckets)
        {
            writer.WriteBucket(Encoding.UTF8.GetBytes(name), pairs);
        }

        writer.Finish();
        return file;
    }

    private static IEnumerable<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value)> Pairs(int count)
    {
        for (int i = 0; i < count; i++)
        {
            byte[] key = new byte[17];
            BinaryPrimitives.WriteInt64BigEndian(key, i);
            yield return (key, Encoding.UTF8.GetBytes($"value {i}" + new string('x', i % 300)));
        }
    }

    private static string Text((ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value) pair) =>
        Convert.ToHexString(pair.Key.Span) + "=" + Encoding.UTF8.GetString(pair.Value.Span);
}
