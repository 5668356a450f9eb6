using System.Collections.Immutable;
using System.Text;
using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Core.Tests.Hashing;

public sealed class ValueEqualityTests
{
    private const string Advice =
        " Keys that belong together would stay apart. Select a key first that is equal by value: a number, a string, " +
        "a tuple or record of such.";

    private enum Color
    {
        Red,
    }

    private interface IShape;

    private sealed record Order(string Name, Line First);

    private sealed record Line(int Number, int[] Amounts);

    private sealed record Chain(int Value, Chain? Next);

    private sealed record Shaped(IShape Shape);

    private sealed class Plain
    {
        public int Value { get; init; }
    }

    private sealed class OnlyItsBase : EquatableBase;

#pragma warning disable CA1067 // Without an Equals for objects: that is the point.
    private class EquatableBase : IEquatable<EquatableBase>
    {
        public bool Equals(EquatableBase? other) => other is not null;
    }
#pragma warning restore CA1067

    private sealed class WithEquals
    {
        private readonly int[] _values = [];

        public override bool Equals(object? obj) => obj is WithEquals other && other._values.SequenceEqual(_values);

        public override int GetHashCode() => _values.Length;
    }

    [RecordCodec(typeof(Codec))]
    private sealed record WithCodec(string Name)
    {
        public bool Equals(WithCodec? other) =>
            other is not null && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

        public override int GetHashCode() => Name.Length;
    }

    private sealed class Codec : RecordCodec<WithCodec>
    {
        public override void Write(RecordWriter writer, WithCodec value) =>
            writer.WriteString(value.Name.ToUpperInvariant());

        public override WithCodec Read(ref RecordReader reader) => new(reader.ReadString());
    }

#pragma warning disable CA1815, CS0649 // Without an Equals of its own: that is the point.
    private struct Pair
    {
        public double X;
        public List<int> Parts;
    }
#pragma warning restore CA1815, CS0649

    [Fact]
    public void Require_TypesEqualByValue_Passes()
    {
        ValueEquality.Require<int>("Op");
        ValueEquality.Require<string>("Op");
        ValueEquality.Require<Color?>("Op");
        ValueEquality.Require<decimal>("Op");
        ValueEquality.Require<DateTimeOffset>("Op");
        ValueEquality.Require<Guid?>("Op");
        ValueEquality.Require<Int128>("Op");
        ValueEquality.Require<Half>("Op");
        ValueEquality.Require<Rune>("Op");
        ValueEquality.Require<TimeOnly>("Op");
        ValueEquality.Require<Version>("Op");
        ValueEquality.Require<System.Numerics.BigInteger>("Op");
        ValueEquality.Require<(string, (int?, DateOnly))?>("Op");
        ValueEquality.Require<Tuple<string, WithCodec>>("Op");
        ValueEquality.Require<KeyValuePair<string, KeyValuePair<int, byte>>>("Op");
        ValueEquality.Require<Chain>("Op");
        ValueEquality.Require<WithCodec>("Op");
        RequireOf(new { Name = "a", Number = 1 });
    }

    [Fact]
    public void Require_ArraysCollectionsAndClasses_AreRefusedWithTheReason()
    {
        Refuses<int[]>("int[]", "an array is equal only to itself, whatever its elements.");
        Refuses<int[,]>("int[,]", "an array is equal only to itself, whatever its elements.");
        Refuses<List<string>>(
            "System.Collections.Generic.List<string>", "a collection is equal only to itself, whatever it holds.");
        Refuses<Plain>(
            "Lepton.Core.Tests.Hashing.ValueEqualityTests.Plain",
            "it is a class without an Equals of its own, so each object is equal only to itself.");
        Refuses<OnlyItsBase>(
            "Lepton.Core.Tests.Hashing.ValueEqualityTests.OnlyItsBase",
            "it is a class without an Equals of its own, so each object is equal only to itself.");
        Refuses<WithEquals>(
            "Lepton.Core.Tests.Hashing.ValueEqualityTests.WithEquals",
            "its own Equals may call values equal that hold different members, which lie in different partitions.");
        Refuses<Uri>(
            "System.Uri",
            "its own Equals may call values equal that hold different members, which lie in different partitions.");
        Refuses<System.Numerics.Complex>(
            "System.Numerics.Complex",
            "its own Equals may call values equal that hold different members, which lie in different partitions.");
        Refuses<object>("object", "object says nothing of how its values compare.");
        Refuses<IReadOnlyList<int>>(
            "System.Collections.Generic.IReadOnlyList<int>",
            "an interface says nothing of how its values compare.");
        Refuses<ReadOnlyMemory<byte>>(
            "System.ReadOnlyMemory<byte>", "its Equals asks where the elements lie, not what they are.");
        Refuses<ImmutableArray<int>>(
            "System.Collections.Immutable.ImmutableArray<int>",
            "its Equals asks where the elements lie, not what they are.");
    }

    [Fact]
    public void Require_MemberIsNotEqualByValue_SaysThePathToIt()
    {
        RefusesMember<Order>("First → Amounts", "int[]", "an array");
        RefusesMember<(int, Order?)>("Item2 → First → Amounts", "int[]", "an array");
        RefusesMember<Tuple<int, byte[]>>("Item2", "byte[]", "an array");
        RefusesMember<KeyValuePair<Plain, int>>(
            "key", "Lepton.Core.Tests.Hashing.ValueEqualityTests.Plain", "it is a class");
        RefusesMember<Pair?>("Parts", "System.Collections.Generic.List<int>", "a collection");
        RefusesMember<Shaped>("Shape", "Lepton.Core.Tests.Hashing.ValueEqualityTests.IShape", "an interface");
        UnusableKeyException refused = Assert.Throws<UnusableKeyException>(() =>
            RequireOf(new { Id = 1, Tags = new[] { "a" } }));
        Assert.Equal(["Tags"], refused.Path);
        Assert.Equal(typeof(string[]), refused.Type);
    }

    private static void RequireOf<TKey>(TKey _) => ValueEquality.Require<TKey>("Op");

    private static void Refuses<TKey>(string name, string reason)
    {
        UnusableKeyException refused = Assert.Throws<UnusableKeyException>(() => ValueEquality.Require<TKey>("Op"));
        Assert.Equal($"Op can't take {name} as a key: {reason}{Advice}", refused.Message);
        Assert.Equal(typeof(TKey), refused.KeyType);
        Assert.Empty(refused.Path);
    }

    private static void RefusesMember<TKey>(string path, string type, string reason)
    {
        UnusableKeyException refused = Assert.Throws<UnusableKeyException>(() => ValueEquality.Require<TKey>("Op"));
        Assert.Contains($" as a key: its member {path} is {type}, and {reason}", refused.Message,
            StringComparison.Ordinal);
    }
}
