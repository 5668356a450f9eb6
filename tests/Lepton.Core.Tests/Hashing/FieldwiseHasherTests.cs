using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Core.Tests.Hashing;

public sealed class FieldwiseHasherTests
{
    private sealed record Order(double Amount, string? Name);

    private sealed record OrderMoved(string? Name, double Amount);

    private record Animal(int Legs);

    private sealed record Dog(int Legs, string Name) : Animal(Legs);

    private sealed record Chain(int Value, Chain? Next);

    private readonly record struct Point(float X, decimal Y);

    private sealed record Empty;

    private sealed record Holder(Inner Inner);

    private sealed record Inner(int Number, Stream Stream);

    private sealed record Renamed(string Name)
    {
        public bool Equals(Renamed? other) => string.Equals(Name, other?.Name, StringComparison.OrdinalIgnoreCase);

        public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Name);
    }

#pragma warning disable CA1815 // Without an Equals of its own: that is the point.
    private struct Plain
    {
        public double X;
        public DateTime When;
    }
#pragma warning restore CA1815

    [Fact]
    public void Hash_EqualRecordsWithDifferentBits_HashAlike()
    {
        AssertAlike(new Order(0.0, "a"), new Order(-0.0, "a"));
        AssertAlike(new Order(double.NaN, null), new Order(-double.NaN, null));
        AssertAlike(new Point(0f, 1m), new Point(-0f, 1.00m));
        DateTime now = new(2026, 11, 22, 0, 0, 0, DateTimeKind.Utc);
        AssertAlike(
            new Plain { X = 1, When = now }, new Plain { X = 1, When = DateTime.SpecifyKind(now, DateTimeKind.Local) });
        AssertAlike(new { Key = 0.0, Other = 1 }, new { Key = -0.0, Other = 1 });
        AssertAlike(KeyValuePair.Create("a", 0.0), KeyValuePair.Create("a", -0.0));
    }

    [Fact]
    public void Hash_DifferentRecords_HashApart()
    {
        Assert.NotEqual(StableHash.Of(new Order(1, "a")), StableHash.Of(new Order(1, "b")));
        Assert.NotEqual(StableHash.Of(new Order(1, "a")), StableHash.Of(new Order(2, "a")));
        Assert.NotEqual(StableHash.Of(new { A = 1, B = 2 }), StableHash.Of(new { A = 2, B = 1 }));
    }

    [Fact]
    public void Hash_MembersInAnotherOrder_StaysTheSame() =>
        Assert.Equal(StableHash.Of(new Order(2.5, "a")), StableHash.Of(new OrderMoved("a", 2.5)));

    [Fact]
    public void Hash_HeirSeenAsBase_HashesTheBase() =>
        Assert.Equal(StableHash.Of(new Animal(4)), StableHash.Of<Animal>(new Dog(4, "Rex")));

    [Fact]
    public void Hash_Heir_HashesBaseFieldsFirst() =>
        Assert.Equal(StableHash.Of((4, "Rex")), StableHash.Of(new Dog(4, "Rex")));

    [Fact]
    public void Hash_RecordHoldingItsOwnType_FollowsTheChain()
    {
        Chain two = new(1, new Chain(2, null));
        AssertAlike(two, new Chain(1, new Chain(2, null)));
        Assert.NotEqual(StableHash.Of(two), StableHash.Of(new Chain(1, new Chain(3, null))));
    }

    [Fact]
    public void Hash_NullRecord_IsNull() => Assert.Equal(StableHash.OfNull, StableHash.Of<Order?>(null));

    [Fact]
    public void Hash_RecordWithoutMembers_IsConstant() => AssertAlike(new Empty(), new Empty());

    [Fact]
    public void Holds_OwnEquals_IsFalse()
    {
        Assert.False(FieldwiseEquality.Holds(typeof(Renamed)));
        Assert.False(FieldwiseEquality.Holds(typeof(object)));
        Assert.False(FieldwiseEquality.Holds(typeof(Uri)));
        Assert.False(FieldwiseEquality.Holds(typeof(int[])));
        Assert.False(FieldwiseEquality.Holds(typeof(System.Numerics.Complex)));
    }

    [Fact]
    public void Default_UncodableMember_IsRefusedWithItsPathBeforeAnyValue()
    {
        UncodableTypeException refusal =
            Assert.Throws<UncodableTypeException>(() => StableHasher<Holder>.Default);
        Assert.Equal(["Inner", "Stream"], refusal.Path.Take(2));
        Assert.StartsWith("Inner → Stream", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<UncodableTypeException>(() => StableHasher<(int, Holder)>.Default);
    }

    private static void AssertAlike<T>(T left, T right)
    {
        Assert.True(FieldwiseEquality.Holds(typeof(T)), $"{typeof(T)} is not seen as equal by its fields.");
        Assert.True(EqualityComparer<T>.Default.Equals(left, right), $"{left} and {right} are not even equal.");
        Assert.Equal(StableHash.Of(left), StableHash.Of(right));
    }
}
