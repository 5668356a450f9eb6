using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Formats;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Shuffle;

public sealed class ProbingTableTests
{
    [Fact]
    public void GetOrAdd_AnyTexts_CountsAsADictionaryOfStringsDoes()
    {
        // Zero bytes at the end and lengths around 16 are where texts that lie in the entry could be mixed up.
        Gen<string> text = Gen.Elements("", "a", "b", "\0", "é", "0123456789abcde", "x").ListOf()
            .Select(parts => string.Concat(parts.Take(4)));
        Prop.ForAll(Arb.From(text.ListOf()), keys =>
        {
            var table = new ProbingTable<Utf8Text, TextProbe, int, TextProbing<Utf8Text>>();
            var expected = new Dictionary<string, int>(StringComparer.Ordinal);
            byte[] chunk = Encoding.UTF8.GetBytes(string.Concat(keys));
            int start = 0;
            foreach (string key in keys)
            {
                int length = Encoding.UTF8.GetByteCount(key);
                table.GetOrAdd(new Utf8Text(chunk, start, length), out bool added)++;
                Assert.Equal(expected.TryAdd(key, 0), added);
                expected[key]++;
                start += length;
            }

            Array.Clear(chunk);
            Assert.Equal(expected, table.Entries().Select(e => KeyValuePair.Create(e.Key.ToString(), e.Value)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void GetOrAddMany_AnyTexts_FindsWhatGetOrAddFinds()
    {
        Gen<string> text = Gen.Elements("", "a", "b", "\0", "é", "0123456789abcde", "x", "longer than an entry")
            .ListOf().Select(parts => string.Concat(parts.Take(4)));
        Prop.ForAll(Arb.From(text.ListOf()), keys =>
        {
            var one = new ProbingTable<Utf8Text, TextProbe, int, TextProbing<Utf8Text>>();
            var many = new ProbingTable<Utf8Text, TextProbe, int, TextProbing<Utf8Text>>();
            Span<int> places = stackalloc int[Batch<int>.Capacity];
            foreach (Utf8Text[] batch in keys.Select(key => new Utf8Text(key)).Chunk(places.Length))
            {
                many.GetOrAddMany(batch, places);
                for (int i = 0; i < batch.Length; i++)
                {
                    one.GetOrAdd(batch[i], out bool added)++;
                    Assert.Equal(added, places[i] < 0);
                    many.StateAt(places[i])++;
                }
            }

            Assert.Equal(one.Entries(), many.Entries());
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>Ids that leave their low bits free. In slots by low bits of a product they would all collide.
    /// </summary>
    [Fact]
    public void Slots_KeysWithoutLowBits_LieApart()
    {
        var probing = new IntegerProbing<long>();
        const int Keys = 1 << 16;
        HashSet<uint> slots = [];
        for (long i = 0; i < Keys; i++)
        {
            slots.Add(probing.Hash(probing.Probe(i << 48)) >> (32 - 17));
        }

        // By chance alone some 51,600 of them would differ; multiply-shift spreads multiples at least as well.
        Assert.True(slots.Count > Keys / 2, $"{slots.Count} of {Keys} keys have a slot of their own");
        var table = new ProbingTable<long, ulong, int, IntegerProbing<long>>();
        for (long i = 0; i < Keys; i++)
        {
            table.GetOrAdd(i << 48, out bool added);
            Assert.True(added);
        }

        Assert.Equal(Keys, table.Count);
    }

    [Fact]
    public void GetOrAdd_AnyIntegers_CountsAsADictionaryDoes()
    {
        Agree<int>();
        Agree<long>();
        Agree<ulong>();
        Agree<short>();
        Agree<sbyte>();
        Agree<char>();

        static void Agree<TKey>()
            where TKey : notnull => Prop.ForAll<TKey[]>(keys =>
        {
            var table = new ProbingTable<TKey, ulong, int, IntegerProbing<TKey>>();
            TKey[] twice = [default!, .. keys, .. keys];
            var expected = new Dictionary<TKey, int>();
            Span<int> places = stackalloc int[Batch<int>.Capacity];
            foreach (TKey[] batch in twice.Chunk(places.Length))
            {
                table.GetOrAddMany(batch, places);
                for (int i = 0; i < batch.Length; i++)
                {
                    Assert.Equal(expected.TryAdd(batch[i], 0), places[i] < 0);
                    expected[batch[i]]++;
                    table.StateAt(places[i])++;
                }
            }

            Assert.Equal(expected, table.Entries());
            Assert.True(expected.Keys.All(key =>
            {
                table.GetOrAdd(key, out bool added);
                return !added;
            }));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void GetOrAddMany_ManyKeys_GrowsWithinABatch()
    {
        var table = new ProbingTable<Utf8Text, TextProbe, int, TextProbing<Utf8Text>>();
        Span<int> places = stackalloc int[Batch<int>.Capacity];
        for (int round = 0; round < 2; round++)
        {
            foreach (int[] numbers in Enumerable.Range(0, 10_000).Chunk(places.Length))
            {
                table.GetOrAddMany(Array.ConvertAll(numbers, number => new Utf8Text($"{number}")), places);
                foreach (int place in places[..numbers.Length])
                {
                    Assert.Equal(round == 0, place < 0);
                    table.StateAt(place)++;
                }
            }
        }

        Assert.Equal(10_000, table.Count);
        Assert.All(table.Entries(), entry => Assert.Equal(2, entry.Value));
    }

    [Fact]
    public void GetOrAdd_ManyKeys_GrowsAndFindsThemAll()
    {
        var table = new ProbingTable<Utf8Text, TextProbe, int, TextProbing<Utf8Text>>();
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 10_000; i++)
            {
                table.GetOrAdd(new Utf8Text($"a key of some length {i}"), out bool added)++;
                Assert.Equal(round == 0, added);
            }
        }

        Assert.Equal(10_000, table.Count);
        Assert.All(table.Entries(), entry => Assert.Equal(2, entry.Value));
        table.Clear();
        Assert.Empty(table.Entries());
        table.GetOrAdd(new Utf8Text("a key of some length 1"), out bool again);
        Assert.True(again);
    }

    [Fact]
    public void Entries_OfAFile_AreCodedAsTheirOwnBytesOnly()
    {
        var table = new ProbingTable<Utf8Text, TextProbe, long, TextProbing<Utf8Text>>();
        table.GetOrAdd(new Utf8Text("beginning"), out _) = 1;
        RecordCodec<KeyValuePair<Utf8Text, long>> codec = RecordCodec.For<KeyValuePair<Utf8Text, long>>();
        using var writer = new RecordWriter();
        codec.Write(writer, table.Entries().Single());
        Assert.Equal(1 + "beginning".Length + 1, writer.Length);
    }
}
