using System.Globalization;

namespace Lepton.Bench.Data;

/// <summary>
/// Condenses counted words to one line that is the same for all who counted the same words, in whatever order.
/// </summary>
internal sealed class WordTally
{
    private const ulong FnvOffset = 0xcbf2_9ce4_8422_2325UL;
    private const ulong FnvPrime = 0x0000_0100_0000_01b3UL;
    private long _distinct;
    private long _words;
    private ulong _sum;

    /// <summary>Takes a word, which no other call gives, with its count.</summary>
    public void Add(ReadOnlySpan<byte> utf8, long count)
    {
        ulong hash = FnvOffset;
        foreach (byte b in utf8)
        {
            hash = unchecked((hash ^ b) * FnvPrime);
        }

        _distinct++;
        _words += count;
        _sum = unchecked(_sum + (hash * (ulong)count));
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{_words} words, {_distinct} distinct, hash {_sum:x16}");
}
