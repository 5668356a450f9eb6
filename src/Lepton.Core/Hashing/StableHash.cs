using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lepton.Core.Hashing;

/// <summary>
/// 64-bit hashes that are the same in every process, version and operating system, so that they may decide where a key
/// lives. Not for secrets: anyone can find two inputs with one hash. Thread safe; nothing here allocates but
/// <see cref="Of{T}"/> for types that take the record codec.
/// </summary>
/// <remarks>
/// Bytes and strings: XXH3, 64 bits (xxHash 0.8). Numbers: one step of SplitMix64 (Steele, Lea, Flood 2014). Changing
/// any of this moves every key of every stored data set.
/// </remarks>
public static class StableHash
{
    /// <summary>The hash of null, whatever its type.</summary>
    public const ulong OfNull = 0x6C7F4A3B0E5D2918;

    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;
    private const ulong CombineFactor = 0x9FB21C651E98DF25;

    /// <summary>XXH3-64 of <paramref name="bytes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfBytes(ReadOnlySpan<byte> bytes, ulong seed = 0) => Xxh3.Hash(bytes, seed);

    /// <summary>
    /// XXH3-64 of the text's UTF-16 code units, low byte first, as they stand (ordinal, no normalisation).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfString(ReadOnlySpan<char> text) => Xxh3.Hash(MemoryMarshal.AsBytes(text), 0);

    /// <summary>
    /// Spreads every bit of <paramref name="value"/> over all 64: the output of SplitMix64 in state
    /// <paramref name="value"/>. One to one, so different values never collide.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        value += GoldenGamma;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>One hash of two, in this order: swapping them gives another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Combine(ulong first, ulong second) => Mix((first * CombineFactor) + second);

    /// <summary>
    /// One of <paramref name="buckets"/> by a hash, without a division: floor(hash × buckets / 2^64) (Lemire,
    /// "fastrange"). The high bits decide, so that the low ones are still free for a hash table inside the bucket.
    /// </summary>
    /// <param name="hash">Evenly spread, as all hashes of this class are.</param>
    /// <param name="buckets">At least 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bucket(ulong hash, int buckets) => (int)Math.BigMul(hash, (ulong)buckets, out _);

    /// <summary>
    /// The hash of any value, agreeing with <see cref="EqualityComparer{T}.Default"/>: values it holds equal hash the
    /// same (0.0 and -0.0, all NaNs, 1.0m and 1.00m, a DateTime of any kind).
    /// </summary>
    /// <remarks>
    /// Direct and without allocation: numbers, char, bool, string, Guid, dates and times, enums, nullables and value
    /// tuples of those. Records, anonymous types and structs without an Equals of their own: by their fields, in the
    /// order of the fields' names. Everything else: the hash of the bytes that the record codec writes; a type with
    /// an Equals of its own must then see to it that equal values travel as equal bytes. Integers of the same value
    /// hash alike in every width.
    /// </remarks>
    /// <exception cref="Records.UncodableTypeException">
    /// Neither this class nor the record codec knows the type; the message has the path to it.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of<T>(T value) =>
        DirectHash.TryOf(value, out ulong hash) ? hash : StableHasher<T>.Default.Hash(value);
}
