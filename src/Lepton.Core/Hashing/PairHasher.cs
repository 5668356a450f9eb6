namespace Lepton.Core.Hashing;

/// <summary>The hash of a pair: what <see cref="FieldwiseHasher{T}"/> would compute, without a delegate.</summary>
internal sealed class PairHasher<T1, T2> : StableHasher<(T1, T2)>
{
    public override ulong Hash((T1, T2) value) =>
        StableHash.Combine(StableHash.Of(value.Item1), StableHash.Of(value.Item2));
}
