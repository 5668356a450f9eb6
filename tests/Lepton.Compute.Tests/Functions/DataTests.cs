using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace Lepton.Compute.Tests.Functions;

public sealed class DataTests
{
    [Fact]
    public void Send_CapturedRandomRecord_ComesBackEqual() =>
        Prop.ForAll<Sample>(sample =>
        {
            Func<Sample> function = () => sample;
            return Worker.Copy(function)().Equals(sample);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Send_CapturedRandomRecords_ComeBackEqual() =>
        Prop.ForAll<(int, Sample, string)[]>(samples =>
        {
            var list = samples.Select(s => s.Item2).ToList();
            Func<(int, Sample, string)[]> array = () => samples;
            Func<List<Sample>> lists = () => list;
            return Worker.Copy(array)().SequenceEqual(samples) && Worker.Copy(lists)().SequenceEqual(list);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Copy_LeavesBehindObject_KeepTheirTypes()
    {
        object?[] values =
        [
            1, 2L, (short)3, (byte)4, 5.5, 6.5f, 7.50m, 'c', true, "text", null, DayOfWeek.Friday, Guid.Empty,
            new DateTime(2024, 2, 29, 0, 0, 0, DateTimeKind.Utc), TimeSpan.FromDays(1), new DateOnly(1, 2, 3), (1, "x"),
            (int?)5, new Uri("http://localhost/"), new Version(1, 2), BigInteger.One, new Complex(1, 2), Half.One,
            Int128.MaxValue, 1..^2,
        ];
        Assert.Equal(values, Worker.Copy(values));
    }

    [Fact]
    public void Copy_Collections_ComeBack()
    {
        Same(new int[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Same(new object[,] { { 1, "2" }, { 4m, 'x' } });
        Same(new List<object> { 1, "x", 2.0 });
        Same(new Dictionary<string, object> { ["a"] = 1, ["b"] = "x" });
        Same(new SortedDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["b"] = 1, ["A"] = 2 });
        Same(new SortedSet<int> { 3, 1, 2 });
        Same(new Queue<string>(["a", "b"]));
        Same(new Stack<object>(["a", 2]));
        Same(new LinkedList<string>(["a", "b"]));
        Same(ImmutableArray.Create<object>(1, "b"));
        Same(ImmutableList.Create("a", "b"));
        Same(ImmutableSortedDictionary<string, int>.Empty.Add("b", 1).Add("a", 2));
        Same(ImmutableDictionary<string, object>.Empty.Add("b", 1).Add("a", "x"));
        Same(ImmutableHashSet.Create("a", "b"));
        Same(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }.ToFrozenDictionary());
        Same(new[] { "a", "b" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase));
        Same(Tuple.Create(1, "x", new[] { 2 }));
        IReadOnlyList<string> expression = ["a", "b"];
        Same(expression);

        static void Same<T>(T value)
        {
            T copy = Worker.Copy(value);
            Assert.Equal(value!.GetType(), copy!.GetType());
            Assert.Equal(value, copy);
        }
    }

    [Fact]
    public void Send_HashedCollections_FindTheirKeys()
    {
        Dictionary<string, int> plain = new() { ["a"] = 1 };
        Dictionary<string, int> ignoring = new(StringComparer.OrdinalIgnoreCase) { ["a"] = 2 };
        Dictionary<string, object> mixed = new(StringComparer.Ordinal) { ["a"] = 3 };
        HashSet<string> set = new(StringComparer.InvariantCultureIgnoreCase) { "a" };
        FrozenDictionary<string, int> frozen = ignoring.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        Dictionary<Key, int> keyed = new() { [new Key("x")] = 4 };
        Dictionary<Key, int> byOwn = new(new KeyComparer()) { [new Key("x")] = 5 };
        Func<string> function = () => string.Join(
            ' ', plain["a"], ignoring["A"], mixed["a"], set.Contains("A"), frozen["A"], keyed[new Key("x")],
            byOwn[new Key("X")]);
        Assert.Equal("1 2 3 True 2 4 5", Worker.Send(function)());
    }

    [Fact]
    public void Send_ObjectsOfTheFramework_AreMadeAnew()
    {
        Regex regex = new("^a+$", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(2));
        CultureInfo culture = CultureInfo.InvariantCulture;
        Encoding utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Encoding latin = Encoding.Latin1;
        StringBuilder builder = new("built");
        Comparer<int> order = Comparer<int>.Default;
        Comparer<string> reversed = Comparer<string>.Create((x, y) => string.CompareOrdinal(y, x));
        EqualityComparer<string> equality = EqualityComparer<string>.Default;
        TimeZoneInfo zone = TimeZoneInfo.Utc;
        TimeProvider time = TimeProvider.System;
        ReferenceEqualityComparer identity = ReferenceEqualityComparer.Instance;
        Func<string> function = () => string.Join(
            ' ', regex.IsMatch("AAA"), regex.MatchTimeout, culture.Name.Length, utf8.Preamble.Length,
            latin.GetBytes("é").Length, builder, order.Compare(1, 2), reversed.Compare("a", "b") > 0,
                equality.Equals("a", "a"),
            zone.Id, ReferenceEquals(time, TimeProvider.System),
            ReferenceEquals(identity, ReferenceEqualityComparer.Instance));
        Assert.Equal(function(), Worker.Send(function)());
        Assert.Same(EqualityComparer<string>.Default, Worker.Copy(equality));
        Assert.Same(StringComparer.Ordinal, Worker.Copy(StringComparer.Ordinal));
    }

    [Fact]
    public void Copy_ObjectGraph_KeepsIdentityAndCycles()
    {
        Node first = new("first");
        Node second = new("second") { Next = first };
        first.Next = second;
        Node[] nodes = Worker.Copy<Node[]>([first, second, first]);
        Assert.Same(nodes[0], nodes[2]);
        Assert.Same(nodes[1], nodes[0].Next);
        Assert.Same(nodes[0], nodes[1].Next);
    }

    [Fact]
    public void Copy_SubclassAmongRecords_KeepsItsType()
    {
        Animal[] animals = [new("cat"), new Dog("dog", 3)];
        Assert.Equal(animals, Worker.Copy(animals));
        Dictionary<string, Animal> named = new() { ["x"] = new Dog("dog", 4) };
        Assert.Equal(named, Worker.Copy(named));
    }

    [Fact]
    public void Copy_FieldMarkedNonSerialized_IsLeftOut()
    {
        Marked copy = Worker.Copy(new Marked());
        Assert.Equal(3, copy.Kept);
        Assert.Null(copy.Left);
    }

    [Fact]
    public void Copy_ListWithinItself_KeepsTheCycle()
    {
        List<object> list = [];
        list.Add(list);
        List<object> copy = Worker.Copy(list);
        Assert.Same(copy, copy[0]);
    }

    public sealed record Sample(
        int Id, string? Name, double Score, decimal Price, DayOfWeek Day, Inner? Part, long? Count);

    public sealed record Inner(byte Flag, char Sign);

    private record Animal(string Name);

    private sealed record Dog(string Name, int Age) : Animal(Name);

    private sealed record Key(string Name);

    private sealed class KeyComparer : IEqualityComparer<Key>
    {
        public bool Equals(Key? x, Key? y) => string.Equals(x?.Name, y?.Name, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode(Key obj) => StringComparer.OrdinalIgnoreCase.GetHashCode(obj.Name);
    }

    private sealed class Node(string name)
    {
        public string Name { get; } = name;

        public Node? Next { get; set; }
    }

    private sealed class Marked
    {
        [NonSerialized]
        public Stream? Left = Stream.Null;

        public int Kept { get; } = 3;
    }
}
