using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using System.Text;
using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Compute.Formats;

/// <summary>
/// Text as its UTF-8 bytes: cheap to cut out of a file, to compare and to sort. Equality and order are those of the
/// bytes, which for valid UTF-8 is the order of code points. Immutable and thread-safe. The bytes belong to a chunk of
/// the file of up to 64 KiB, or a whole longer line, that stays in memory while any of its texts does;
/// <see cref="ToOwned"/> lets go of it.
/// </summary>
[RecordCodec(typeof(Utf8TextRecordCodec))]
public readonly struct Utf8Text : IComparable<Utf8Text>, IComparable, IEquatable<Utf8Text>
{
    // Whoever writes the input can't know it, and so can't make the texts of a table collide.
    private static readonly ulong s_hashSeed = BinaryPrimitives.ReadUInt64LittleEndian(
        RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private readonly byte[]? _chunk;
    private readonly int _start;

    internal Utf8Text(byte[] chunk, int start, int length)
    {
        _chunk = chunk;
        _start = start;
        Length = length;
    }

    internal Utf8Text(byte[] chunk, TextSlice slice)
        : this(chunk, slice.Start, slice.End - slice.Start)
    {
    }

    /// <summary>Text over bytes that the caller won't change any more. They need not be valid UTF-8.</summary>
    public Utf8Text(ReadOnlyMemory<byte> bytes)
    {
        if (!MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment))
        {
            segment = bytes.ToArray();
        }

        (_chunk, _start, Length) = (segment.Array, segment.Offset, segment.Count);
    }

    /// <summary>The UTF-8 bytes of a string.</summary>
    public Utf8Text(string text)
        : this(Encoding.UTF8.GetBytes(text))
    {
    }

    /// <summary>How many bytes it has.</summary>
    public int Length { get; }

    /// <summary>Whether it has no bytes.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => new(_chunk, _start, Length);

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory => new(_chunk, _start, Length);

    /// <summary>
    /// Bytes <paramref name="start"/> to <paramref name="start"/> + <paramref name="length"/>, not copied.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">They don't lie within the text.</exception>
    public Utf8Text Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - start);
        return new Utf8Text(_chunk ?? [], _start + start, length);
    }

    /// <summary>
    /// The words between white space (<see cref="char.IsWhiteSpace(char)"/>), none of them empty, not copied: what
    /// <c>string.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)</c> gives of a string. O(length).
    /// </summary>
    public Utf8Text[] Split()
    {
        // English has a word in six bytes or so.
        var found = new Utf8Text[(Length / 5) + 1];
        Span<TextSlice> slices = stackalloc TextSlice[2 * Utf8Words.RoomMin];
        Utf8Words words = Words();
        int total = 0;
        for (int count = words.Read(slices); count > 0; count = words.Read(slices))
        {
            if (total + count > found.Length)
            {
                Array.Resize(ref found, Math.Max(found.Length * 2, total + count));
            }

            foreach (TextSlice slice in slices[..count])
            {
                found[total++] = new Utf8Text(_chunk!, slice);
            }
        }

        Array.Resize(ref found, total);
        return found;
    }

    /// <summary>Reads the words one after the other.</summary>
    internal Utf8Words Words() => new(Chunk, _start, Length);

    /// <summary>What it is a slice of.</summary>
    internal byte[] Chunk => _chunk ?? [];

    /// <summary>The first 16 bytes, with zeros behind the last of a shorter text.</summary>
    internal Vector128<byte> FirstBytes()
    {
        if (TryGetShort(out Vector128<byte> bytes))
        {
            return bytes;
        }

        Span<byte> padded = stackalloc byte[Vector128<byte>.Count];
        padded.Clear();
        Span[..Math.Min(Length, padded.Length)].CopyTo(padded);
        return Vector128.Create<byte>(padded);
    }

    /// <summary>
    /// All bytes, with zeros behind, of a text of at most 16. False where it is longer, and at the end of a chunk.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryGetShort(out Vector128<byte> bytes)
    {
        if (Length > Vector128<byte>.Count || _chunk is null || _start + Vector128<byte>.Count > _chunk.Length)
        {
            bytes = default;
            return false;
        }

        // What follows the text in its chunk is read with it and cut off.
        var all = Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(_chunk), (nuint)_start);
        var places = Vector128.Create((sbyte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        bytes = all & Vector128.LessThan(places, Vector128.Create((sbyte)Length)).AsByte();
        return true;
    }

    /// <summary>The same text with a copy of its own bytes only.</summary>
    public Utf8Text ToOwned() => new(Span.ToArray(), 0, Length);

    /// <inheritdoc/>
    public int CompareTo(Utf8Text other) => Span.SequenceCompareTo(other.Span);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj switch
    {
        null => 1,
        Utf8Text other => CompareTo(other),
        _ => throw new ArgumentException($"A Utf8Text can't be compared with a {obj.GetType()}.", nameof(obj)),
    };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equals(Utf8Text other) => Length == other.Length && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Utf8Text other && Equals(other);

    /// <summary>
    /// A hash of the bytes that differs from one process to the next: for dictionaries, not for placement.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override int GetHashCode() => (int)StableHash.OfBytes(Span, s_hashSeed);

    /// <summary>The text as a string; invalid UTF-8 becomes U+FFFD.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);

    /// <summary>Whether both have the same bytes.</summary>
    public static bool operator ==(Utf8Text left, Utf8Text right) => left.Equals(right);

    /// <summary>Whether they differ in a byte.</summary>
    public static bool operator !=(Utf8Text left, Utf8Text right) => !left.Equals(right);

    /// <summary>Whether the left comes first.</summary>
    public static bool operator <(Utf8Text left, Utf8Text right) => left.CompareTo(right) < 0;

    /// <summary>Whether the right doesn't come first.</summary>
    public static bool operator <=(Utf8Text left, Utf8Text right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the right comes first.</summary>
    public static bool operator >(Utf8Text left, Utf8Text right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left doesn't come first.</summary>
    public static bool operator >=(Utf8Text left, Utf8Text right) => left.CompareTo(right) >= 0;
}
