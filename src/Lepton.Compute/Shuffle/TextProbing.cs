using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Lepton.Compute.Formats;
using Lepton.Core.Hashing;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Keys of type <see cref="Utf8Text"/>. Up to 16 bytes lie in the entry itself. Keys are copied in, and so let go of
/// the chunk of the file that they were cut from.
/// </summary>
internal struct TextProbing<TKey> : IProbing<TKey, TextProbe>
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

    /// <summary>Whether <typeparamref name="TKey"/> is <see cref="Utf8Text"/>. A constant to the compiler.</summary>
    public static bool Takes => typeof(TKey) == typeof(Utf8Text);

    public readonly TextProbe Probe(TKey key)
    {
        Utf8Text text = Unsafe.As<TKey, Utf8Text>(ref key);
        Vector128<byte> first = text.FirstBytes();
        return text.Length <= Vector128<byte>.Count
            ? ShortProbe(first, text.Length)
            : new TextProbe(
                first.AsUInt64()[0], first.AsUInt64()[1], text.Length,
                (uint)StableHash.OfBytes(text.Span, _seed.First));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TryProbe(TKey key, out TextProbe probe)
    {
        Utf8Text text = Unsafe.As<TKey, Utf8Text>(ref key);
        if (!text.TryGetShort(out Vector128<byte> bytes))
        {
            probe = default;
            return false;
        }

        probe = ShortProbe(bytes, text.Length);
        return true;
    }

    /// <summary>Hashed by a product of 128 bits folded to 64, as in wyhash (Wang Yi) and XXH3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TextProbe ShortProbe(Vector128<byte> bytes, int length)
    {
        (ulong first, ulong second) = (bytes.AsUInt64()[0], bytes.AsUInt64()[1]);
        ulong top = Math.BigMul(first ^ _seed.First, second ^ _seed.Second ^ (ulong)length, out ulong bottom);
        return new TextProbe(first, second, length, (uint)(top ^ bottom));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint Hash(in TextProbe probe) => probe.Hash;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Matches(in TextProbe first, in TextProbe second) =>
        ((first.First ^ second.First) | (first.Second ^ second.Second)
            | (ulong)(uint)(first.Length ^ second.Length)) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsWhole(in TextProbe probe) => probe.Length <= Vector128<byte>.Count;

    public TKey Own(TKey key)
    {
        Utf8Text owned = Own(Unsafe.As<TKey, Utf8Text>(ref key));
        return Unsafe.As<Utf8Text, TKey>(ref owned);
    }

    private Utf8Text Own(Utf8Text key)
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
}
