namespace Lepton.Core.Hashing;

/// <summary>A nullable hashes as its value does, or as null.</summary>
internal sealed class NullableHasher<T> : StableHasher<T?>
    where T : struct
{
    public override ulong Hash(T? value) => value is { } known ? StableHash.Of(known) : StableHash.OfNull;
}
