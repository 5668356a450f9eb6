using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Integers of up to 64 bits, and characters: their bits are all there is to compare. Hashed by multiply-shift
/// (Dietzfelbinger et al., A Reliable Randomized Algorithm for the Closest-Pair Problem, 1997).
/// </summary>
internal readonly struct IntegerProbing<TKey> : IProbing<TKey, ulong>
{
    private static readonly ulong s_multiplier =
        MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    // A copy, as code that is compiled once asks at each use whether a static field has been made yet.
    private readonly ulong _multiplier = s_multiplier;

    public IntegerProbing()
    {
    }

    /// <summary>Whether <typeparamref name="TKey"/> is such a type. A constant to the compiler.</summary>
    public static bool Takes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get =>
            typeof(TKey) == typeof(int) || typeof(TKey) == typeof(long) || typeof(TKey) == typeof(uint)
            || typeof(TKey) == typeof(ulong) || typeof(TKey) == typeof(short) || typeof(TKey) == typeof(ushort)
            || typeof(TKey) == typeof(byte) || typeof(TKey) == typeof(sbyte) || typeof(TKey) == typeof(char);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Probe(TKey key) => Unsafe.SizeOf<TKey>() switch
    {
        sizeof(byte) => Unsafe.As<TKey, byte>(ref key),
        sizeof(ushort) => Unsafe.As<TKey, ushort>(ref key),
        sizeof(uint) => Unsafe.As<TKey, uint>(ref key),
        _ => Unsafe.As<TKey, ulong>(ref key),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryProbe(TKey key, out ulong probe)
    {
        probe = Probe(key);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Hash(in ulong probe) => (uint)((probe * _multiplier) >> 32);

    public bool Matches(in ulong first, in ulong second) => first == second;

    public bool IsWhole(in ulong probe) => true;

    public TKey Own(TKey key) => key;
}
