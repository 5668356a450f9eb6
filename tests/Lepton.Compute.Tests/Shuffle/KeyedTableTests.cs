using Lepton.Compute.Formats;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Shuffle;

public sealed class KeyedTableTests
{
    [Fact]
    public void Entries_Strings_ComeInTheOrderOfTheirFirstKeysNullIncluded()
    {
        using var table = new KeyedTable<string?, int>(1 << 20);
        foreach (string? key in new[] { "b", null, "a", "b", null, "" })
        {
            table.GetOrAdd(key, out _)++;
        }

        Assert.Equal([new("b", 2), new(null, 2), new("a", 1), new("", 1)], table.Entries());
        Assert.Equal(4, table.Count);
    }

    [Fact]
    public void Entries_Values_ComeInTheOrderOfTheirFirstKeys()
    {
        using var table = new KeyedTable<int, string>(1 << 20);
        foreach (int key in new[] { 7, -1, 7, 0 })
        {
            ref string state = ref table.GetOrAdd(key, out bool added);
            state = added ? $"{key}" : state + "+";
        }

        Assert.Equal([new(7, "7+"), new(-1, "-1"), new(0, "0")], table.Entries());
    }

    [Fact]
    public void Entries_Texts_OwnTheirKeysInTheOrderOfTheirFirstKeys()
    {
        using var table = new KeyedTable<Utf8Text, int>(1 << 20);
        foreach (Utf8Text key in new Utf8Text("in the beginning in  ").Split())
        {
            table.GetOrAdd(key, out _)++;
        }

        Assert.Equal([new(new("in"), 2), new(new("the"), 1), new(new("beginning"), 1)], table.Entries());
    }

    [Fact]
    public void GetOrAdd_NullableKeys_NullIsAKey()
    {
        using var table = new KeyedTable<int?, int>(1 << 20);
        table.GetOrAdd(null, out bool added)++;
        Assert.True(added);
        table.GetOrAdd(null, out added)++;
        Assert.False(added);
        Assert.Equal([new(null, 2)], table.Entries());
    }

    [Fact]
    public void IsFullAfter_ManyEntries_SaysSoNearTheLimit()
    {
        using var table = new KeyedTable<int, long>(100_000);
        int key = 0;
        while (!Count(table, key))
        {
            key++;
        }

        Assert.InRange(table.EstimatedBytes, 100_000, 105_000);
        Assert.Equal(key + 1, table.Count);
        table.Clear();
        Assert.Equal(0, table.Count);
        Assert.Equal(0, table.EstimatedBytes);
        Assert.Empty(table.Entries());
    }

    [Fact]
    public void IsFullAfter_StatesGrow_IsSeenAsTheyGrow()
    {
        using var table = new KeyedTable<int, List<Metered>>(1 << 20);
        int adds = 0;
        while (!Gather(table, adds % 10, adds))
        {
            adds++;
        }

        // Two to three bytes a number, twice that as objects.
        Assert.InRange(adds, 150_000, 300_000);
    }

    [Fact]
    public void IsFullAfter_OneKeyOfTwoMillionRecords_IsNotMeasuredAgainAndAgain()
    {
        using var table = new KeyedTable<string, List<Metered>>(1L << 40);
        long before = Metered.Writes;
        for (int i = 0; i < 2_000_000; i++)
        {
            Gather(table, "the", i & 0x7f);
        }

        Assert.InRange(Metered.Writes - before, 2_000_000, 20 * 2_000_000);
        Assert.InRange(table.EstimatedBytes, 2 * 1_900_000, 2 * 2_100_000);
    }

    [Fact]
    public void IsFullAppended_OneKeyOfTwoMillionRecords_MeasuresRecordsAndNotTheList()
    {
        using var table = new KeyedTable<string, List<Metered>>(1L << 40);
        RecordCodec<Metered> codec = RecordCodec.For<Metered>();
        long before = Metered.Writes;
        for (int i = 0; i < 2_000_000; i++)
        {
            Append(table, codec, "the", i & 0x7f);
        }

        Assert.InRange(Metered.Writes - before, 2_000_000 / 600, 2_000_000 / 30);
        Assert.InRange(table.EstimatedBytes, 2_000_000 * 33L, 2_000_000 * 35L);
    }

    [Fact]
    public void IsFullAppended_HotKeyAmongOthers_CountsItOnce()
    {
        // Every second record is of one key: measured by the size of its state, all would be taken for as large.
        using var table = new KeyedTable<int, List<Metered>>(1 << 20);
        RecordCodec<Metered> codec = RecordCodec.For<Metered>();
        for (int round = 0; round < 3; round++)
        {
            int records = 0;
            while (!Append(table, codec, records % 2 == 0 ? 0 : records % 1000, records & 0x7f))
            {
                records++;
            }

            Assert.InRange(records, 15_000, 30_000);
            table.Clear();
        }
    }

    private static bool Count(KeyedTable<int, long> table, int key)
    {
        ref long state = ref table.GetOrAdd(key, out bool added);
        if (!table.IsSampled(added))
        {
            state++;
            return false;
        }

        long before = table.Before(key, state, added);
        state++;
        return table.IsFullAfter(key, state, added, before);
    }

    private static bool Gather<TKey>(KeyedTable<TKey, List<Metered>> table, TKey key, int value)
    {
        ref List<Metered> state = ref table.GetOrAdd(key, out bool added);
        bool isSampled = table.IsSampled(added);
        long before = isSampled ? table.Before(key, state, added) : -1;
        (state ??= []).Add(new Metered(value));
        return isSampled && table.IsFullAfter(key, state, added, before);
    }

    private static bool Append<TKey>(
        KeyedTable<TKey, List<Metered>> table, RecordCodec<Metered> codec, TKey key, int value)
    {
        ref List<Metered> state = ref table.GetOrAdd(key, out bool added);
        var record = new Metered(value);
        (state ??= []).Add(record);
        return table.IsFullAppended(key, added, codec, record);
    }
}
