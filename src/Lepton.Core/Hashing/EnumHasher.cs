using System.Runtime.CompilerServices;

namespace Lepton.Core.Hashing;

/// <summary>An enum hashes as its number does.</summary>
internal sealed class EnumHasher<TEnum, TNumber> : StableHasher<TEnum>
    where TEnum : struct, Enum
    where TNumber : struct
{
    public override ulong Hash(TEnum value) => StableHash.Of(Unsafe.BitCast<TEnum, TNumber>(value));
}
