using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Lepton.Compute.Formats;
using Lepton.Core.Hashing;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Texts. Up to 16 bytes lie in the entry itself. Keys are copied in, and so let go of the chunk of the file that they
/// were cut from.
/// </summary>
internal struct TextProbing : IProbing<Utf8Text, TextProbe>
{
    private const int ArenaBytes = 32 << 10;
    private static readonly (ulong First, ulong Second) s_seed =
        MemoryMarshal.Read<(ulong, ulong)>(RandomNumberGenerator.GetBytes(2 * sizeof(ulong)));

    // A copy, as code that is compiled once asks at each use whether a static field has been made yet.
    private readonly (ulong First, ulong Second) _seed = s_seed;
    private byte[] _arena = [];
    private int _arenaUsed;

    public TextProbing()
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TextProbe Probe(Utf8Text key) => new(key.FirstBytes(), key.Length);

    /// <summary>A product of 128 bits folded to 64, as in wyhash (Wang Yi) and XXH3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint Hash(Utf8Text key, in TextProbe probe)
    {
        if (probe.Length > Vector128<byte>.Count)
        {
            return HashLong(key, _seed.First);
        }

        Vector128<ulong> halves = probe.First.AsUInt64();
        ulong high = Math.BigMul(
            halves[0] ^ _seed.First, halves[1] ^ _seed.Second ^ (ulong)probe.Length, out ulong low);
        return (uint)(high ^ low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Matches(in TextProbe first, in TextProbe second) =>
        first.First == second.First && first.Length == second.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsWhole(in TextProbe probe) => probe.Length <= Vector128<byte>.Count;

    public Utf8Text Own(Utf8Text key)
    {
        if (key.Length > ArenaBytes / 4)
        {
            return key.ToOwned();
        }

        if (_arena.Length - _arenaUsed < key.Length)
        {
            _arena = GC.AllocateUninitializedArray<byte>(ArenaBytes);
            _arenaUsed = 0;
        }

        int start = _arenaUsed;
        key.Span.CopyTo(_arena.AsSpan(start));
        _arenaUsed += key.Length;
        return new Utf8Text(_arena, start, key.Length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint HashLong(Utf8Text key, ulong seed) => (uint)StableHash.OfBytes(key.Span, seed);
}
