using Lepton.Compute.Formats;
using Lepton.Compute.Shuffle;

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
    public void IsFull_ManyEntries_SaysSoNearTheLimit()
    {
        using var table = new KeyedTable<int, long>(100_000);
        int key = 0;
        while (!table.IsFull(key, ref table.GetOrAdd(key, out _)))
        {
            key++;
        }

        Assert.InRange(table.EstimatedBytes, 100_000, 200_000);
        Assert.Equal(key + 1, table.Count);
        table.Clear();
        Assert.Equal(0, table.Count);
        Assert.Empty(table.Entries());
    }

    [Fact]
    public void IsFull_StatesGrow_IsSeenAsTheyGrow()
    {
        using var table = new KeyedTable<int, List<int>>(1 << 20);
        int adds = 0;
        bool full = false;
        while (!full)
        {
            ref List<int> state = ref table.GetOrAdd(adds++ % 10, out bool added);
            state = added ? [] : state;
            state.Add(adds);
            full = table.IsFull(adds, ref state);
            Assert.True(adds < 2_000_000, "a table of growing lists never said that it is full");
        }
    }
}
