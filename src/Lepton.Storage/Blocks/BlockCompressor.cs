using K4os.Compression.LZ4;

namespace Lepton.Storage.Blocks;

/// <summary>Compresses blocks with LZ4, where a sample says that it pays. Thread safe.</summary>
/// <param name="savingMin">The share of a block's bytes that must be saved, from 0 to 1.</param>
internal sealed class BlockCompressor(double savingMin)
{
    /// <summary>Bytes of a sample: pieces from all over the block.</summary>
    private const int SampleBytes = 16 * 1024;

    private const int SamplePieces = 4;

    /// <summary>Shorter blocks are stored as they are.</summary>
    private const int BytesMin = 128;

    /// <summary>Blocks up to this length are their own sample.</summary>
    private const int SampledFrom = 2 * SampleBytes;

    /// <summary>Compresses a block.</summary>
    /// <returns>What is to be stored in its place; null where too little would be saved.</returns>
    public BlockBuffer? TryCompress(ReadOnlySpan<byte> content, out int length)
    {
        length = 0;
        if (savingMin >= 1 || content.Length < BytesMin || (content.Length > SampledFrom && !SampleShrinks(content)))
        {
            return null;
        }

        BlockBuffer packed = new(LengthMax(content.Length));
        length = LZ4Codec.Encode(content, packed.Memory.Span);
        if (length > 0)
        {
            return packed;
        }

        packed.Dispose();
        return null;
    }

    /// <summary>Undoes it.</summary>
    /// <returns>Whether the bytes are those of a block as long as the buffer.</returns>
    public static bool TryDecompress(ReadOnlySpan<byte> packed, Span<byte> content) =>
        LZ4Codec.Decode(packed, content) == content.Length;

    /// <summary>The most bytes with which enough is saved, one at least: what is as long as the block is taken for the
    /// block. The coder gets no room for more, and gives up.</summary>
    private int LengthMax(int length) => Math.Min((int)(length * (1 - savingMin)), length - 1);

    private bool SampleShrinks(ReadOnlySpan<byte> content)
    {
        Span<byte> sample = stackalloc byte[SampleBytes];
        Span<byte> packed = stackalloc byte[SampleBytes];
        int piece = SampleBytes / SamplePieces;
        long last = content.Length - piece;
        for (int i = 0; i < SamplePieces; i++)
        {
            int from = (int)(last * i / (SamplePieces - 1));
            content.Slice(from, piece).CopyTo(sample[(i * piece)..]);
        }

        return LZ4Codec.Encode(sample, packed[..LengthMax(SampleBytes)]) > 0;
    }
}
