using Lepton.Core.Records;

namespace Lepton.Core.Tests.Records;

public sealed class UserTypeTests
{
    [Fact]
    public void Records_OfEveryForm_RoundTrip()
    {
        RoundTrip.HoldsEverywhere(new Positional(1, "a", 2.5));
        RoundTrip.HoldsEverywhere<Positional?>(null);
        RoundTrip.HoldsEverywhere(new Point(1, -2));
        RoundTrip.HoldsEverywhere(new Inits { Required = "r", Settable = 3 });
        RoundTrip.HoldsEverywhere(new Pair<int, string?>(1, null));
        RoundTrip.HoldsEverywhere(new Pair<Pair<int, string>, Point>(new(2, "b"), new(3, 4)));
        RoundTrip.HoldsEverywhere(new Nothing());
        RoundTrip.HoldsEverywhere(default(NoFields));
        RoundTrip.HoldsEverywhere(new Outer<string>.Inner<int>("o", 1));
        RoundTrip.HoldsEverywhere(
            new Order(
                7, new Positional(1, "a", 0), [new Point(1, 2)], new() { ["a"] = new Point(3, 4) }, DayOfWeek.Friday));
    }

    [Fact]
    public void StructWithACodecOfItsOwn_InsideARecord_TravelsByIt()
    {
        using var writer = new RecordWriter();
        RecordCodec.For<(Celsius, int)>().Write(writer, (new Celsius(21.5), 1));
        Assert.Equal(2, writer.Length);
        RoundTrip.HoldsEverywhere((new Celsius(21.5), 1));
    }

    [Fact]
    public void AnonymousTypesAndTuples_OfEveryLength_RoundTrip()
    {
        RoundTrip.HoldsEverywhere(new { Name = "a", Count = 1, Inner = new { Deep = 2.5 } });
        RoundTrip.HoldsEverywhere((1, 2L, "c", 4.0, 'e', 6m, true, 8, "9", (10, 11)));
        RoundTrip.HoldsEverywhere(Tuple.Create(1, "b", 3, 4, 5, 6, 7, Tuple.Create("h", 9)));
        RoundTrip.HoldsEverywhere(Tuple.Create<string?>(null));
        RoundTrip.HoldsEverywhere(ValueTuple.Create(1));
        RoundTrip.HoldsEverywhere((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17));
        RoundTrip.HoldsEverywhere(new KeyValuePair<string, (long, long)>("k", (1, 2)));
    }

    [Fact]
    public void Class_WithPrivateState_KeepsAllOfItAndRunsNoConstructor()
    {
        var account = new Account(5);
        account.Add(7);
        Account back = RoundTrip.Of(account);
        Assert.Equal(12, back.Sum);
        Assert.Equal(0, Account.Runs(back));
        Assert.Equal(1, Account.Runs(account));
    }

    [Fact]
    public void BaseClasses_KeepTheirPrivateFields()
    {
        Derived back = RoundTrip.Of(new Derived(1, 2));
        Assert.Equal((1, 2), (back.OfBase, back.OfDerived));
        RoundTrip.HoldsEverywhere(new Leaf("root", "leaf"));
    }

    [Fact]
    public void Field_MarkedNonSerialized_IsLeftOut()
    {
        var value = new Cached { Key = 3, Open = new MemoryStream() };
        Cached back = RoundTrip.Of(value);
        Assert.Equal(3, back.Key);
        Assert.Null(back.Open);
    }

    [Fact]
    public void Fields_AreWrittenByName_WhateverTheOrderInTheSource() =>
        Assert.Equal(RoundTrip.Bytes(new OneWay { A = 1, B = "b" }), RoundTrip.Bytes(new OtherWay { B = "b", A = 1 }));

    [Fact]
    public void Struct_WithManyFields_GoesPastTheInlineLimit()
    {
        var wide = ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1L, 2, 3, 4, 5, 6, 7, 8, 9), (1, "2", 3, 4, 5, 6, 7, 8, 9));
        var wider = (wide, wide, (wide, wide), wide);
        RoundTrip.HoldsEverywhere(wider);
    }

    [Fact]
    public void Trees_RoundTrip()
    {
        var tree = new Node(
            "root", new Node("left", null, new Node("deep", null, null)), new Node("right", null, null));
        RoundTrip.HoldsEverywhere(tree);
        RoundTrip.HoldsEverywhere<Node?>(null);
        var branch = new Branch(1, [new Branch(2, []), new Branch(3, [new Branch(4, [])])]);
        Assert.Equal(branch.Sum(), RoundTrip.Of(branch).Sum());
        Assert.Equal(RoundTrip.Bytes(branch), RoundTrip.Bytes(RoundTrip.Of(branch)));
        var cell = new Cell { Id = 1, Below = [new Cell { Id = 2, Below = [] }] };
        Assert.Equal(2, RoundTrip.Of(cell).Below![0].Id);
    }

    [Fact]
    public void TypesThatReferToEachOther_RoundTrip()
    {
        var one = new Husband("h", new Wife("w", new Husband("h2", null)));
        RoundTrip.HoldsEverywhere(one);
        RoundTrip.HoldsEverywhere(one.Wife);
    }

    [Fact]
    public void Tree_WiderThanItMayBeDeep_RoundTrips()
    {
        var wide = new Branch(1, [.. Enumerable.Range(2, 3000).Select(id => new Branch(id, []))]);
        Assert.Equal(wide.Sum(), RoundTrip.Of(wide).Sum());
    }

    [Fact]
    public void Chain_AsDeepAsAllowed_RoundTrips()
    {
        Node? chain = null;
        for (int i = 0; i < 1000; i++)
        {
            chain = new Node("n", null, chain);
        }

        byte[] bytes = RoundTrip.Bytes(chain);
        Assert.Equal(bytes, RoundTrip.Bytes(RoundTrip.From<Node>(bytes)));
    }

    [Fact]
    public void Chain_DeeperThanAllowed_IsRefusedAndTheWriterStaysOfUse()
    {
        Node? chain = null;
        for (int i = 0; i < 1001; i++)
        {
            chain = new Node("n", null, chain);
        }

        using var writer = new RecordWriter();
        RecordCodec<Node> codec = RecordCodec.For<Node>();
        string message = Assert.Throws<UncodableValueException>(() => codec.Write(writer, chain!)).Message;
        Assert.Contains(
            "Node nests deeper than the 1,000 levels that a record may have.", message, StringComparison.Ordinal);
        Assert.Contains("form a cycle", message, StringComparison.Ordinal);
        Assert.Contains("a chain by a list", message, StringComparison.Ordinal);
        for (int i = 0; i < 3; i++)
        {
            writer.Truncate(0);
            codec.Write(writer, chain!.Right!);
            Assert.Equal(RoundTrip.Bytes(chain.Right), writer.WrittenSpan.ToArray());
        }
    }

    [Fact]
    public void Cycle_IsRefusedWithoutOverflowingTheStack()
    {
        var cell = new Link();
        cell.Next = cell;
        Assert.Contains(
            "Link nests deeper",
            Assert.Throws<UncodableValueException>(() => RoundTrip.Bytes(cell)).Message,
            StringComparison.Ordinal);
        var list = new Branch(1, []);
        list.Below.Add(list);
        Assert.Throws<UncodableValueException>(() => RoundTrip.Bytes(list));
    }

    [Fact]
    public void Cycle_OnASmallStack_IsRefusedToo()
    {
        Exception? thrown = null;
        var thread = new Thread(
            () =>
            {
                var cell = new Link();
                cell.Next = cell;
                thrown = Record.Exception(() => RoundTrip.Bytes(cell));
            },
            maxStackSize: 192 * 1024);
        thread.Start();
        thread.Join();
        Assert.IsType<UncodableValueException>(thrown);
    }

    [Fact]
    public void Subclass_WhereTheBaseIsDeclared_IsRefused()
    {
        string message = Assert.Throws<UncodableValueException>(
            () => RoundTrip.Bytes<Root>(new Leaf("r", "l"))).Message;
        Assert.StartsWith(
            "A value of type Lepton.Core.Tests.Records.UserTypeTests.Leaf stands where " +
            "Lepton.Core.Tests.Records.UserTypeTests.Root is declared.",
            message,
            StringComparison.Ordinal);
        Assert.Contains("Declare the member as Leaf", message, StringComparison.Ordinal);
        Assert.Throws<UncodableValueException>(() => RoundTrip.Bytes(new Root[] { new Leaf("r", "l") }));
        Assert.Throws<UncodableValueException>(() => RoundTrip.Bytes<List<int>>(new Numbers { 1 }));
        Assert.Throws<UncodableValueException>(() => RoundTrip.Bytes<List<string>>(new Words { "a" }));
    }

    private sealed record Positional(int Id, string? Name, double Score);

    private readonly record struct Point(int X, int Y);

    private sealed record Inits
    {
        public required string Required { get; init; }

        public int Settable { get; set; }
    }

    private sealed record Pair<TA, TB>(TA A, TB B);

    private sealed record Nothing;

    private readonly record struct NoFields;

    private static class Outer<T>
    {
        public sealed record Inner<TInner>(T O, TInner I);
    }

    private sealed record Order(
        int Id, Positional? Customer, IReadOnlyList<Point> Path, Dictionary<string, Point> Named, DayOfWeek Day)
    {
        public bool Equals(Order? other) =>
            other is not null && Id == other.Id && Customer == other.Customer && Day == other.Day
            && Path.SequenceEqual(other.Path) && Named.SequenceEqual(other.Named);

        public override int GetHashCode() => Id;
    }

    private sealed class Account
    {
        private readonly List<int> _entries = [];
        private readonly int _start;

        [NonSerialized]
        private int _constructorRuns;

        public Account(int start)
        {
            _start = start;
            _constructorRuns++;
        }

        public int Sum => _start + _entries.Sum();

        public static int Runs(Account account) => account._constructorRuns;

        public void Add(int amount) => _entries.Add(amount);
    }

    private class Base(int value)
    {
        private readonly int _value = value;

        public int OfBase => _value;
    }

    private sealed class Derived(int ofBase, int ofDerived) : Base(ofBase)
    {
        private readonly int _value = ofDerived;

        public int OfDerived => _value;
    }

    private record Root(string Name);

    private sealed record Leaf(string Name, string More) : Root(Name);

    private sealed class Cached
    {
        public int Key { get; init; }

        [field: NonSerialized]
        public Stream? Open { get; init; }
    }

    private sealed class OneWay
    {
        public int A { get; init; }

        public string? B { get; init; }
    }

    private sealed class OtherWay
    {
        public string? B { get; init; }

        public int A { get; init; }
    }

    private sealed record Node(string Name, Node? Left, Node? Right);

    private sealed class Branch(int id, List<Branch> below)
    {
        public List<Branch> Below { get; } = below;

        public int Sum() => id + Below.Sum(branch => branch.Sum());
    }

    private struct Cell
    {
        public int Id;
        public Cell[]? Below;
    }

    private sealed class Link
    {
        public Link? Next { get; set; }
    }

    private sealed record Husband(string Name, Wife? Wife);

    private sealed record Wife(string Name, Husband? Husband);

    private sealed class Numbers : List<int>;

    private sealed class Words : List<string>;

    /// <summary>Half degrees in one byte.</summary>
    [RecordCodec(typeof(CelsiusCodec))]
    private readonly record struct Celsius(double Degrees);

    private sealed class CelsiusCodec : RecordCodec<Celsius>
    {
        public override void Write(RecordWriter writer, Celsius value) => writer.WriteByte((byte)(value.Degrees * 2));

        public override Celsius Read(ref RecordReader reader) => new(reader.ReadByte() / 2.0);
    }
}
