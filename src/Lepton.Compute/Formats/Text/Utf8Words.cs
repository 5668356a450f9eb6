using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lepton.Compute.Formats;

/// <summary>
/// Finds the words of a text one after the other. It looks at 64 bytes at a time: a bit a byte says where white space
/// is, and the edges of the bits are the borders of the words ("bit-parallel" scanning, as simdjson has it: Langdale
/// and Lemire, 2019). White space is what <see cref="char.IsWhiteSpace(char)"/> takes for it; a byte that is no part of
/// valid UTF-8 belongs to a word.
/// </summary>
internal struct Utf8Words
{
    /// <summary>The least room that <see cref="Read"/> needs.</summary>
    public const int RoomMin = (BlockBytes + BordersAtOnce) / 2;

    private const int BlockBytes = 64;
    private const int BordersAtOnce = 8;
    private const int NoWord = -1;
    private readonly byte[] _chunk;
    private readonly int _end;
    private int _block;
    private ulong _lastInWord;
    private ulong _spaceCarried;
    private int _wordStart = NoWord;

    /// <summary>The words of <paramref name="length"/> bytes of a chunk.</summary>
    public Utf8Words(byte[] chunk, int start, int length)
    {
        _chunk = chunk;
        _block = start;
        _end = start + length;
    }

    /// <summary>
    /// Writes where the next words lie in the chunk, none of them empty, and gives their number: 0 when there are no
    /// more. It stops where the next block's words might not fit, so some room may be left.
    /// </summary>
    /// <param name="words">At least <see cref="RoomMin"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Read(Span<TextSlice> words)
    {
        // Borders come in turns: where a word starts, and where it ends, which is how slices lie in memory.
        ref int borders = ref Unsafe.As<TextSlice, int>(ref MemoryMarshal.GetReference(words));
        int count = 0;
        if (_wordStart != NoWord)
        {
            borders = _wordStart;
            count = 1;
        }

        // A block starts even where the text ends exactly at one: behind its end all is white space.
        int countMax = (words.Length * 2) - BlockBytes;
        while (_block <= _end && count <= countMax)
        {
            ulong border = NextBorders();
            Write(ref Unsafe.Add(ref borders, count), border, _block);
            count += BitOperations.PopCount(border);
            _block += BlockBytes;
        }

        _wordStart = (count & 1) == 0 ? NoWord : Unsafe.Add(ref borders, count - 1);
        return count / 2;
    }

    /// <summary>Writes the place of each bit, and some more values behind: to write too many is faster than to ask at
    /// each whether it is the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(ref int to, ulong bits, int place)
    {
        while (bits != 0)
        {
            for (int i = 0; i < BordersAtOnce; i++)
            {
                Unsafe.Add(ref to, i) = place + BitOperations.TrailingZeroCount(bits);
                bits &= bits - 1;
            }

            to = ref Unsafe.Add(ref to, BordersAtOnce);
        }
    }

    /// <summary>A bit where a word begins and where white space follows one, in the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong NextBorders()
    {
        ulong space = _spaceCarried;
        _spaceCarried = 0;
        if (_block + BlockBytes <= _chunk.Length)
        {
            ref byte text = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_chunk), _block);
            var first = Vector256.LoadUnsafe(ref text);
            var second = Vector256.LoadUnsafe(ref text, (nuint)Vector256<byte>.Count);
            space |= AsciiSpaces(first, second);
            ulong wide = (first | second).ExtractMostSignificantBits();
            if (wide != 0)
            {
                space |= WideSpaces(Bits(first.ExtractMostSignificantBits(), second.ExtractMostSignificantBits()));
            }
        }
        else
        {
            space |= LastSpaces();
        }

        // What the text lacks counts as white space.
        int left = _end - _block;
        if (left < BlockBytes)
        {
            space |= ulong.MaxValue << left;
        }

        ulong word = ~space;
        ulong border = word ^ ((word << 1) | _lastInWord);
        _lastInWord = word >> (BlockBytes - 1);
        return border;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong LastSpaces()
    {
        Span<byte> padded = stackalloc byte[BlockBytes];
        padded.Fill((byte)' ');
        _chunk.AsSpan(_block).CopyTo(padded);
        var first = Vector256.Create<byte>(padded);
        var second = Vector256.Create<byte>(padded[Vector256<byte>.Count..]);
        return AsciiSpaces(first, second)
            | WideSpaces(Bits(first.ExtractMostSignificantBits(), second.ExtractMostSignificantBits()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AsciiSpaces(Vector256<byte> first, Vector256<byte> second) =>
        Bits(AsciiSpaces(first).ExtractMostSignificantBits(), AsciiSpaces(second).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> AsciiSpaces(Vector256<byte> block)
    {
        Vector256<byte> blank = Vector256.Equals(block, Vector256.Create((byte)' '));
        Vector256<byte> control = Vector256.LessThanOrEqual(
            block - Vector256.Create((byte)'\t'), Vector256.Create((byte)('\r' - '\t')));
        return blank | control;
    }

    private static ulong Bits(uint first, uint second) => first | ((ulong)second << 32);

    /// <summary>
    /// White space of two and three bytes in the block, given which bytes are beyond ASCII. What reaches behind the
    /// block is carried into the next.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong WideSpaces(ulong wide)
    {
        ReadOnlySpan<byte> text = _chunk.AsSpan(_block, _end - _block);
        ulong space = 0;
        for (; wide != 0; wide &= wide - 1)
        {
            int at = BitOperations.TrailingZeroCount(wide);
            if (at >= text.Length)
            {
                break;
            }

            int length = WideSpaceBytes(text[at..]);
            ulong bits = (1UL << length) - 1;
            space |= bits << at;
            _spaceCarried |= at + length > BlockBytes ? bits >> (BlockBytes - at) : 0;
        }

        return space;
    }

    /// <summary>The length of the white space beyond ASCII that the text starts with, 0 where it doesn't.</summary>
    private static int WideSpaceBytes(ReadOnlySpan<byte> text) => text switch
    {
        [0xC2, 0x85 or 0xA0, ..] => 2,
        [0xE1, 0x9A, 0x80, ..] => 3,
        [0xE2, 0x80, (>= 0x80 and <= 0x8A) or 0xA8 or 0xA9 or 0xAF, ..] => 3,
        [0xE2, 0x81, 0x9F, ..] => 3,
        [0xE3, 0x80, 0x80, ..] => 3,
        _ => 0,
    };
}
