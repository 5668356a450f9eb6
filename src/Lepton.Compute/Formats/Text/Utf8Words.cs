using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lepton.Compute.Formats;

/// <summary>
/// Reads the words of a text one after the other. It looks at 32 bytes at a time: a bit a byte says where white space
/// is, and the edges of the bits are the borders of the words ("bit-parallel" scanning, as simdjson has it: Langdale
/// and Lemire, 2019). White space is what <see cref="char.IsWhiteSpace(char)"/> takes for it; a byte that is no part of
/// valid UTF-8 belongs to a word.
/// </summary>
internal ref struct Utf8Words
{
    private const int BlockBytes = 32;
    private readonly byte[] _chunk;
    private readonly int _start;
    private readonly ReadOnlySpan<byte> _text;
    private int _block = -BlockBytes;
    private uint _borders;
    private uint _lastInWord;
    private uint _spaceCarried;
    private int _wordStart = -1;

    /// <summary>The words of <paramref name="length"/> bytes of a chunk, as slices of it.</summary>
    public Utf8Words(byte[] chunk, int start, int length)
    {
        _chunk = chunk;
        _start = start;
        _text = chunk.AsSpan(start, length);
    }

    /// <summary>
    /// Fills <paramref name="words"/> with the next words, none of them empty; 0 when there are no more.
    /// </summary>
    public int Read(scoped Span<Utf8Text> words)
    {
        uint borders = _borders;
        int wordStart = _wordStart;
        int count = 0;
        while (count < words.Length)
        {
            if (borders == 0)
            {
                // A block starts even where the text ends exactly at one: behind its end all is white space.
                if (_block + BlockBytes > _text.Length)
                {
                    break;
                }

                _block += BlockBytes;
                borders = NextBorders();
                continue;
            }

            if (wordStart < 0)
            {
                wordStart = _block + BitOperations.TrailingZeroCount(borders);
                borders &= borders - 1;
                if (borders == 0)
                {
                    continue;
                }
            }

            int wordEnd = _block + BitOperations.TrailingZeroCount(borders);
            borders &= borders - 1;
            words[count++] = new Utf8Text(_chunk, _start + wordStart, wordEnd - wordStart);
            wordStart = -1;
        }

        (_borders, _wordStart) = (borders, wordStart);
        return count;
    }

    /// <summary>A bit where a word begins and where white space follows one, in the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint NextBorders()
    {
        ulong space = _spaceCarried | Spaces(_text[_block..]);
        _spaceCarried = (uint)(space >> BlockBytes);
        uint word = ~(uint)space;
        uint border = word ^ ((word << 1) | _lastInWord);
        _lastInWord = word >> (BlockBytes - 1);
        return border;
    }

    /// <summary>
    /// A bit for each byte of white space that starts in the first 32 bytes; it may reach two bytes further. Bytes that
    /// the text lacks count as white space.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Spaces(ReadOnlySpan<byte> text)
    {
        if (text.Length < BlockBytes)
        {
            return LastSpaces(text);
        }

        var block = Vector256.Create(text);
        uint wide = block.ExtractMostSignificantBits();
        uint space = AsciiSpaces(block);
        return wide == 0 ? space : space | WideSpaces(text, wide);
    }

    private static ulong LastSpaces(ReadOnlySpan<byte> text)
    {
        Span<byte> padded = stackalloc byte[BlockBytes];
        padded.Fill((byte)' ');
        text.CopyTo(padded);
        var block = Vector256.Create<byte>(padded);
        uint wide = block.ExtractMostSignificantBits();
        return AsciiSpaces(block) | WideSpaces(text, wide);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint AsciiSpaces(Vector256<byte> block)
    {
        Vector256<byte> blank = Vector256.Equals(block, Vector256.Create((byte)' '));
        Vector256<byte> control = Vector256.LessThanOrEqual(
            block - Vector256.Create((byte)'\t'), Vector256.Create((byte)('\r' - '\t')));
        return (blank | control).ExtractMostSignificantBits();
    }

    /// <summary>White space of two and three bytes, given which bytes are beyond ASCII.</summary>
    private static ulong WideSpaces(ReadOnlySpan<byte> text, uint wide)
    {
        ulong space = 0;
        for (; wide != 0; wide &= wide - 1)
        {
            int at = BitOperations.TrailingZeroCount(wide);
            int length = WideSpaceBytes(text[at..]);
            space |= ((1UL << length) - 1) << at;
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
