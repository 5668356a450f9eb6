namespace Lepton.Core.Hashing;

/// <summary>For the types that <see cref="DirectHash"/> covers.</summary>
internal sealed class DirectHasher<T> : StableHasher<T>
{
    public override ulong Hash(T value)
    {
        bool direct = DirectHash.TryOf(value, out ulong hash);
        Invariant.Check(direct);
        return hash;
    }
}
