using System.Runtime.InteropServices;
using Google.Protobuf;
using Lepton.Torch;
using Lepton.Training.Protocol;

namespace Lepton.Training.ParameterServer;

/// <summary>Rows of float32 in messages of bounded size.</summary>
internal static class ShareChunks
{
    private const int ElementsMax = 1 << 18;

    /// <summary>A copy of a row, in chunks.</summary>
    /// <param name="values">The row.</param>
    /// <param name="at">Where it begins in a longer one.</param>
    public static List<Chunk> Cut(ReadOnlySpan<float> values, long at = 0)
    {
        List<Chunk> chunks = [];
        for (int start = 0; start < values.Length; start += ElementsMax)
        {
            ReadOnlySpan<float> part = values.Slice(start, Math.Min(ElementsMax, values.Length - start));
            chunks.Add(new Chunk { At = at + start, Values = ByteString.CopyFrom(MemoryMarshal.AsBytes(part)) });
        }

        return chunks;
    }

    /// <summary>Puts a chunk into its place.</summary>
    /// <param name="row">The row, or a part of it.</param>
    /// <param name="chunk">What came.</param>
    /// <param name="at">Where the part begins in the row.</param>
    /// <exception cref="InvalidDataException">It lies beyond the row.</exception>
    public static void Fill(Span<float> row, Chunk chunk, long at = 0)
    {
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(chunk.Values.Span);
        long start = chunk.At - at;
        if (start < 0 || start + values.Length > row.Length || chunk.Values.Length % sizeof(float) != 0)
        {
            throw new InvalidDataException(
                $"A chunk of {chunk.Values.Length} bytes at {chunk.At} lies beyond a row of {row.Length} elements. " +
                "Give workers and servers one version of Lepton, and all workers one model.");
        }

        values.CopyTo(row[(int)start..]);
    }

    /// <summary>A row of its own, in no scope, of chunks that cover it.</summary>
    public static Tensor Join(IReadOnlyList<Chunk> chunks, long elements, long at = 0)
    {
        Tensor row = Lepton.Torch.Torch.Empty([elements]).Persist();
        foreach (Chunk chunk in chunks)
        {
            Fill(row.AsSpan<float>(), chunk, at);
        }

        return row;
    }
}
