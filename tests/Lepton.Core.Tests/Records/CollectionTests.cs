using System.Collections.Frozen;
using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Records;

namespace Lepton.Core.Tests.Records;

public sealed class CollectionTests
{
    [Fact]
    public void ArraysOfPrimitives_CopiedInBulk_RoundTrip()
    {
        RoundTrip.ForAll(Values.Bytes);
        RoundTrip.ForAll(Values.Byte.Select(value => (value & 1) == 1).ArrayOf());
        RoundTrip.ForAll(Values.Int64.Select(value => (short)value).ArrayOf());
        RoundTrip.ForAll(Values.Int64.Select(value => (int)value).ArrayOf());
        RoundTrip.ForAll(Values.Int64.ArrayOf());
        RoundTrip.ForAll(Values.Int64.Select(value => (double)value).ArrayOf());
        RoundTrip.ForAll(Values.Int64.Select(value => (char)value).ArrayOf());
        RoundTrip.ForAll(Values.UInt128.ArrayOf());
        RoundTrip.ForAll(Values.Int64.Select(value => (DayOfWeek)value).ArrayOf());
        RoundTrip.ForAll(Values.Int64.Select(ticks => new TimeSpan(ticks)).ListOf().Select(list => list.ToList()));
        RoundTrip.ForAll(Values.Int64.ListOf().Select(list => list.ToList()));
    }

    [Fact]
    public void ArrayOfDoubles_TakesEightBytesEachAndItsLength() =>
        Assert.Equal(2 + (1000 * 8), RoundTrip.Bytes(new double[1000]).Length);

    [Fact]
    public void ArraysAndListsOfComposites_RoundTrip()
    {
        Gen<(string, long)> pairs = from text in Values.String from number in Values.Int64 select (text, number);
        RoundTrip.ForAll(pairs.ArrayOf());
        RoundTrip.ForAll(pairs.ListOf().Select(list => list.ToList()));
        RoundTrip.ForAll(Values.String.ArrayOf());
        RoundTrip.ForAll(Values.Decimal.ArrayOf());
        RoundTrip.ForAll(Values.DateTime.ArrayOf());
        RoundTrip.ForAll(Values.String.ArrayOf().ArrayOf());
    }

    [Fact]
    public void NullAndEmpty_AreToldApart()
    {
        RoundTrip.HoldsEverywhere<int[]?>(null);
        RoundTrip.HoldsEverywhere<int[]?>([]);
        RoundTrip.HoldsEverywhere<string[]?>(null);
        RoundTrip.HoldsEverywhere<string?[]?>([null, ""]);
        RoundTrip.HoldsEverywhere<List<string>?>(null);
        RoundTrip.HoldsEverywhere<List<string>?>([]);
        RoundTrip.HoldsEverywhere<Dictionary<int, int>?>(null);
        RoundTrip.HoldsEverywhere<Dictionary<int, int>?>([]);
        RoundTrip.HoldsEverywhere<HashSet<int>?>(null);
        RoundTrip.HoldsEverywhere<HashSet<int>?>([]);
        RoundTrip.HoldsEverywhere<IReadOnlyList<string>?>(null);
        RoundTrip.HoldsEverywhere<IReadOnlyDictionary<int, int>?>(null);
        RoundTrip.HoldsEverywhere<ISet<int>?>(null);
        RoundTrip.HoldsEverywhere<int[,]?>(null);
    }

    [Fact]
    public void DictionariesAndSets_RoundTrip()
    {
        RoundTrip.ForAll(
            Values.String.ArrayOf().Select(keys => keys.Distinct().ToDictionary(key => key, key => key.Length)));
        RoundTrip.ForAll(Values.Int64.ArrayOf().Select(keys => keys.ToHashSet()));
        RoundTrip.Holds(new HashSet<string?> { null, "", "a" });
        RoundTrip.Holds(new Dictionary<(int, string), List<int>> { [(1, "a")] = [1], [(0, "b")] = [] });
    }

    [Fact]
    public void StringKeys_KeepAComparerThatIgnoresCase()
    {
        var map = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["Key"] = 1 };
        Assert.Equal(1, RoundTrip.Of(map)["KEY"]);
        var set = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "Key" };
        Assert.Contains("KEY", RoundTrip.Of(set));
        var exact = new Dictionary<string, int>(StringComparer.Ordinal) { ["Key"] = 1 };
        Assert.False(RoundTrip.Of(exact).ContainsKey("KEY"));
    }

    [Fact]
    public void Interfaces_TakeAnyListAndGiveArrayOrList()
    {
        foreach (IReadOnlyList<string> list in (IReadOnlyList<string>[])
            [["a", "b"], new List<string> { "a", "b" }, ImmutableList.Create("a", "b"),
             new ArraySegment<string>(["a", "b"])])
        {
            Assert.IsType<string[]>(RoundTrip.Of(list));
            Assert.Equal(list, RoundTrip.Of(list));
            Assert.Equal(list, RoundTrip.Of<IReadOnlyCollection<string>>(list));
        }

        IList<string> writable = RoundTrip.Of<IList<string>>(["a"]);
        writable.Add("b");
        Assert.Equal(["a", "b"], writable);
        ICollection<int> numbers = RoundTrip.Of<ICollection<int>>(new[] { 1, 2 });
        numbers.Add(3);
        Assert.Equal([1, 2, 3], numbers);
        Assert.Equal(RoundTrip.Bytes(new[] { 1, 2 }), RoundTrip.Bytes<IList<int>>([1, 2]));
    }

    [Fact]
    public void Interfaces_TakeAnyDictionaryAndSet()
    {
        var sorted = new SortedDictionary<string, int> { ["b"] = 2, ["a"] = 1 };
        Assert.Equal(sorted, RoundTrip.Of<IReadOnlyDictionary<string, int>>(sorted).OrderBy(entry => entry.Key));
        Assert.Equal(sorted, RoundTrip.Of<IDictionary<string, int>>(sorted).OrderBy(entry => entry.Key));
        FrozenSet<int> frozen = new[] { 3, 1, 2 }.ToFrozenSet();
        Assert.True(frozen.SetEquals(RoundTrip.Of<IReadOnlySet<int>>(frozen)));
        Assert.True(frozen.SetEquals(RoundTrip.Of<ISet<int>>(new SortedSet<int> { 1, 2, 3 })));
    }

    [Fact]
    public void ArraysOfManyDimensions_RoundTrip()
    {
        RoundTrip.HoldsEverywhere(new[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        RoundTrip.HoldsEverywhere(new[,,] { { { "a" }, { null } } });
        RoundTrip.HoldsEverywhere(new (int, string)[0, 5]);
        RoundTrip.HoldsEverywhere(new[] { new[,] { { 1.5 } }, null });
    }

    [Fact]
    public void ImmutableArraysAndMemory_RoundTrip()
    {
        RoundTrip.Holds(ImmutableArray.Create(1, 2, 3));
        RoundTrip.Holds(ImmutableArray.Create("a", null));
        Assert.True(RoundTrip.Of(default(ImmutableArray<int>)).IsDefault);
        Assert.Equal([2, 3], RoundTrip.Of(new ReadOnlyMemory<byte>([1, 2, 3, 4], 1, 2)).ToArray());
        Assert.Equal(["b"], RoundTrip.Of(new Memory<string>(["a", "b"], 1, 1)).ToArray());
        Assert.Equal([1, 2], RoundTrip.Of(new Memory<byte>([1, 2])).ToArray());
        Assert.True(RoundTrip.Of(default(ReadOnlyMemory<byte>)).IsEmpty);
        RoundTrip.Holds((1, ImmutableArray.Create(1), new KeyValuePair<int, ImmutableArray<int>>(2, [3])).ToTuple());
    }

    [Fact]
    public void EqualDictionaries_WithDifferentHistories_GiveEqualBytes()
    {
        RoundTrip.ForAll(
            Values.String.ArrayOf(),
            keys =>
            {
                string[] distinct = [.. keys.Distinct()];
                var forth = distinct.ToDictionary(key => key, key => key.Length);
                var back = distinct.Reverse().Append("extra").ToDictionary(key => key, key => key.Length);
                back.Remove("extra");
                back.TrimExcess();
                Assert.Equal(RoundTrip.Bytes(forth), RoundTrip.Bytes(back));
                var set = new HashSet<string>(distinct);
                var setBack = new HashSet<string>(distinct.Reverse());
                Assert.Equal(RoundTrip.Bytes((1, set)), RoundTrip.Bytes((1, setBack)));
            });
    }

    [Fact]
    public void NestedDictionaries_GiveEqualBytesWhateverTheOrder()
    {
        Dictionary<string, Dictionary<int, string>> one = new() { ["x"] = new() { [1] = "a", [2] = "b" }, ["y"] = [] };
        Dictionary<string, Dictionary<int, string>> two = new() { ["y"] = [], ["x"] = new() { [2] = "b", [1] = "a" } };
        Assert.Equal(RoundTrip.Bytes(one), RoundTrip.Bytes(two));
        RoundTrip.Holds(one);
    }

    [Fact]
    public void KeysWithoutEquality_OfEqualContent_AreOrderedByTheirValues()
    {
        var one = new Dictionary<Key, string> { [new Key { Id = 1 }] = "a", [new Key { Id = 1 }] = "b" };
        var two = new Dictionary<Key, string> { [new Key { Id = 1 }] = "b", [new Key { Id = 1 }] = "a" };
        Assert.Equal(RoundTrip.Bytes(one), RoundTrip.Bytes(two));
        Assert.Equal(["a", "b"], RoundTrip.Of(one).Values.Order());
    }

    [Fact]
    public void Comparer_ThatRecordsDontCarry_IsRefusedByName()
    {
        var map = new Dictionary<string, int>(StringComparer.InvariantCultureIgnoreCase) { ["a"] = 1 };
        string message = Assert.Throws<UncodableValueException>(() => RoundTrip.Bytes(map)).Message;
        Assert.Contains(
            " of a System.Collections.Generic.Dictionary<string, int> is not one", message, StringComparison.Ordinal);
        Assert.Contains("StringComparer.OrdinalIgnoreCase", message, StringComparison.Ordinal);
        var set = new HashSet<Key>(ReferenceEqualityComparer.Instance);
        Assert.Throws<UncodableValueException>(() => RoundTrip.Bytes(set));
    }

    [Fact]
    public void CollectionBehindAnInterface_ThatHasNoOrder_IsRefused()
    {
        string message = Assert.Throws<UncodableValueException>(
            () => RoundTrip.Bytes<IReadOnlyCollection<int>>(new HashSet<int> { 1 })).Message;
        Assert.Contains("HashSet<int> stands where", message, StringComparison.Ordinal);
        Assert.Contains("Pass an array or a List", message, StringComparison.Ordinal);
    }

    [Fact]
    public void SetBehindAnInterface_WithEqualElements_IsRefused()
    {
        ISet<string> set = new SortedSet<string>(Comparer<string>.Create((a, b) => 1)) { "a", "a" };
        string message = Assert.Throws<UncodableValueException>(() => RoundTrip.Bytes(set)).Message;
        Assert.Contains("holds keys that are equal by the default comparer", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ArrayThatStartsElsewhereThanAtZero_IsRefused()
    {
        var grid = (int[,])Array.CreateInstance(typeof(int), [1, 1], [1, 1]);
        string message = Assert.Throws<UncodableValueException>(() => RoundTrip.Bytes(grid)).Message;
        Assert.Equal(
            "An array of type int[,] starts at an index other than 0. Records carry arrays that start at 0: copy it " +
            "into one.",
            message);
    }

    private sealed class Key
    {
        public int Id { get; init; }
    }
}
