using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Partitioning;

namespace Lepton.Core.Tests.Partitioning;

/// <summary>Strings sort by their code units wherever they stand in a key, whatever the machine's culture.</summary>
public sealed class DefaultOrderTests
{
    // In every language "a" stands before "B", and "ä" before "z"; by code units it is the other way round.
    private static readonly string?[] s_ordinal = [null, "", "B", "Z", "a", "z", "ä"];

    [Fact]
    public void Compare_StringsAnywhereInAKey_IsOrdinal()
    {
        AssertAscending([.. s_ordinal]);
        AssertAscending([.. s_ordinal.Select(text => (text, 1))]);
        AssertAscending([.. s_ordinal.Select(text => (1, text, 2.0))]);
        AssertAscending([.. s_ordinal.Select(text => (1, ("x", (text, 'c'))))]);
        AssertAscending([.. s_ordinal.Select(text => Tuple.Create(text, 1))]);
        AssertAscending([.. s_ordinal.Select(text => new KeyValuePair<string?, int>(text, 1))]);
        AssertAscending([.. s_ordinal.Select(text => new KeyValuePair<int, (int, string?)>(1, (1, text)))]);
        AssertAscending([.. s_ordinal.Select(text => ((string?, int)?)(text, 1)).Prepend(null)]);
        AssertAscending([.. s_ordinal.Select(text => Tuple.Create(1, text)).Prepend(null)]);
        AssertAscending([.. s_ordinal.Select(text => (1, 2, 3, 4, 5, 6, 7, 8, text))]);
        AssertAscending([.. s_ordinal.Select(text => Tuple.Create(1, 2, 3, 4, 5, 6, 7, text))]);
    }

    [Fact]
    public void Compare_TwoMembers_TheFirstThatDiffersDecides()
    {
        AssertAscending([("a", 2), ("b", 1), ("b", 2), ("b\u00ad", 0)]);
        AssertAscending([
            new KeyValuePair<int, int>(1, 9), new KeyValuePair<int, int>(2, 1), new KeyValuePair<int, int>(2, 3)]);
    }

    [Fact]
    public void Compare_TypesWithoutStrings_KeepTheirOwnOrder()
    {
        Assert.Same(Comparer<(int, double)>.Default, DefaultOrder.Of<(int, double)>());
        Assert.Same(Comparer<int>.Default, DefaultOrder.Of<int>());
        Assert.Same(Comparer<ByLength>.Default, DefaultOrder.Of<ByLength>());
        AssertAscending([(new ByLength("b"), "B"), (new ByLength("a"), "a"), (new ByLength("aa"), "a")]);
    }

    [Fact]
    public void Compare_AnyTuples_EqualsTheirOrderWithoutCulture() =>
        Prop.ForAll<(byte, string?)[]>(keys =>
        {
            (byte, string?)[] mine = [.. keys.Order(DefaultOrder.Of<(byte, string?)>())];
            return mine.SequenceEqual(
                keys.OrderBy(key => key.Item1).ThenBy(key => key.Item2, StringComparer.Ordinal));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_StringsInAKey_IsNeverTheOrderThatAsksForTheCulture()
    {
        // These tests run without cultures, where that order is ordinal too: it must not be taken all the same.
        Assert.NotSame(Comparer<string>.Default, DefaultOrder.Of<string>());
        Assert.NotSame(Comparer<(string, int)>.Default, DefaultOrder.Of<(string, int)>());
        Assert.NotSame(Comparer<(int, (int, string))?>.Default, DefaultOrder.Of<(int, (int, string))?>());
        Assert.NotSame(Comparer<Tuple<int, string>>.Default, DefaultOrder.Of<Tuple<int, string>>());
    }

    private static void AssertAscending<TKey>(TKey[] keys)
    {
        IComparer<TKey> order = DefaultOrder.Of<TKey>();
        for (int i = 0; i < keys.Length; i++)
        {
            for (int j = 0; j < keys.Length; j++)
            {
                Assert.Equal(i.CompareTo(j), Math.Sign(order.Compare(keys[i], keys[j])));
                Assert.Equal(i.CompareTo(j), Math.Sign(DefaultOrder.Compare(keys[i], keys[j])));
            }
        }
    }

    private sealed record ByLength(string Text) : IComparable<ByLength>
    {
        public int CompareTo(ByLength? other) => Text.Length.CompareTo(other?.Text.Length);
    }
}
