namespace Lepton.Core.Hashing;

/// <summary>The hash of a triple: what <see cref="FieldwiseHasher{T}"/> would compute, without a delegate.</summary>
internal sealed class TripleHasher<T1, T2, T3> : StableHasher<(T1, T2, T3)>
{
    public override ulong Hash((T1, T2, T3) value) => StableHash.Combine(
        StableHash.Combine(StableHash.Of(value.Item1), StableHash.Of(value.Item2)), StableHash.Of(value.Item3));
}
