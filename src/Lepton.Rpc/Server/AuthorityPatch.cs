namespace Lepton.Rpc.Server;

/// <summary>
/// Some callers, etcd's own command among them, send their target with its scheme as <c>:authority</c>
/// ("http://127.0.0.1:2379"). Kestrel resets such a stream, since that is no host. Nothing here looks at the host, so
/// the three characters that are none are overwritten by others of the same length in every coding: header tables on
/// both ends keep the same sizes (RFC 7541, section 4).
/// </summary>
internal static class AuthorityPatch
{
    private const int AuthorityIndex = 1;

    // "http" and "https" in HPACK's Huffman code, then "://" and what takes its place, "j--": bits and how many.
    private static readonly (ulong Bits, int Count)[] Schemes = [(0b100111_01001_01001_101011, 22),
        (0b100111_01001_01001_101011_01000, 27)];

    private const ulong Separator = 0b1011100_011000_011000;
    private const ulong Replacement = 0b1110100_010110_010110;
    private const int SeparatorBits = 19;

    /// <summary>Overwrites the scheme in a block of headers, if it has one.</summary>
    /// <param name="block">The block, or its beginning.</param>
    /// <returns>Whether there was one.</returns>
    public static bool Apply(Span<byte> block)
    {
        int at = 0;
        while (at < block.Length)
        {
            byte first = block[at];
            if ((first & 0b1000_0000) != 0)
            {
                ReadInteger(block, ref at, 7);
            }
            else if ((first & 0b1110_0000) == 0b0010_0000)
            {
                ReadInteger(block, ref at, 5);
            }
            else if (ApplyToLiteral(block, ref at, (first & 0b0100_0000) != 0 ? 6 : 4))
            {
                return true;
            }
        }

        return false;
    }

    private static bool ApplyToLiteral(Span<byte> block, ref int at, int indexBits)
    {
        int index = ReadInteger(block, ref at, indexBits);
        if (index == 0)
        {
            Skip(block, ref at);
        }

        if (index != AuthorityIndex || at >= block.Length)
        {
            Skip(block, ref at);
            return false;
        }

        bool isHuffman = (block[at] & 0b1000_0000) != 0;
        int length = ReadInteger(block, ref at, 7);
        int end = (int)Math.Min(block.Length, (long)at + length);
        Span<byte> value = block[Math.Min(at, end)..end];
        at = end;
        return isHuffman ? ApplyToHuffman(value) : ApplyToText(value);
    }

    private static bool ApplyToText(Span<byte> value)
    {
        int scheme = value.StartsWith("http://"u8) ? 4 : value.StartsWith("https://"u8) ? 5 : 0;
        if (scheme > 0)
        {
            "j--"u8.CopyTo(value[scheme..]);
        }

        return scheme > 0;
    }

    private static bool ApplyToHuffman(Span<byte> value)
    {
        foreach ((ulong bits, int count) in Schemes)
        {
            if (Bits(value, 0, count) == bits && Bits(value, count, SeparatorBits) == Separator)
            {
                for (int i = 0; i < SeparatorBits; i++)
                {
                    ulong bit = (Replacement >> (SeparatorBits - 1 - i)) & 1;
                    int place = count + i;
                    int shift = 7 - (place % 8);
                    value[place / 8] = (byte)((value[place / 8] & ~(1 << shift)) | ((int)bit << shift));
                }

                return true;
            }
        }

        return false;
    }

    private static ulong? Bits(ReadOnlySpan<byte> value, int from, int count)
    {
        if (from + count > value.Length * 8)
        {
            return null;
        }

        ulong bits = 0;
        for (int i = from; i < from + count; i++)
        {
            bits = (bits << 1) | (uint)((value[i / 8] >> (7 - (i % 8))) & 1);
        }

        return bits;
    }

    private static void Skip(ReadOnlySpan<byte> block, ref int at)
    {
        if (at < block.Length)
        {
            int length = ReadInteger(block, ref at, 7);
            at = (int)Math.Min(block.Length, (long)at + length);
        }
    }

    /// <summary>An integer of HPACK (RFC 7541, section 5.1). What reaches beyond the block, or is too large, ends the
    /// block: whether it is malformed is for Kestrel to say.</summary>
    private static int ReadInteger(ReadOnlySpan<byte> block, ref int at, int prefixBits)
    {
        int mask = (1 << prefixBits) - 1;
        int value = block[at++] & mask;
        if (value < mask)
        {
            return value;
        }

        for (int shift = 0; shift <= 21; shift += 7)
        {
            if (at >= block.Length)
            {
                return 0;
            }

            byte next = block[at++];
            value += (next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                return value;
            }
        }

        at = block.Length;
        return 0;
    }
}
