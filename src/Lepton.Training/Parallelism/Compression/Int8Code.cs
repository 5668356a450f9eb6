using System.Runtime.InteropServices;
using Lepton.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// A byte an element and a float32 scale for each block. The scales come first, then the elements, from -127 to 127.
/// </summary>
internal sealed class Int8Code(int blockElements) : IElementCode
{
    private const int LevelsMax = 127;

    public int Granularity => blockElements;

    public long BytesOf(long elements) => (Blocks(elements) * sizeof(float)) + elements;

    public void Encode(Tensor values, Tensor bytes)
    {
        ReadOnlySpan<float> source = values.AsSpan<float>();
        Span<byte> target = bytes.AsBytes();
        int blocks = (int)Blocks(source.Length);
        Span<float> scales = MemoryMarshal.Cast<byte, float>(target[..(blocks * sizeof(float))]);
        Span<sbyte> levels = MemoryMarshal.Cast<byte, sbyte>(target.Slice(blocks * sizeof(float), source.Length));
        for (int block = 0; block < blocks; block++)
        {
            int start = block * blockElements;
            int length = Math.Min(blockElements, source.Length - start);
            scales[block] = EncodeBlock(source.Slice(start, length), levels.Slice(start, length));
        }
    }

    public void Decode(Tensor bytes, Tensor values)
    {
        ReadOnlySpan<byte> source = bytes.AsBytes();
        Span<float> target = values.AsSpan<float>();
        int blocks = (int)Blocks(target.Length);
        ReadOnlySpan<float> scales = MemoryMarshal.Cast<byte, float>(source[..(blocks * sizeof(float))]);
        ReadOnlySpan<sbyte> levels = MemoryMarshal.Cast<byte, sbyte>(
            source.Slice(blocks * sizeof(float), target.Length));
        for (int block = 0; block < blocks; block++)
        {
            float scale = scales[block];
            int end = Math.Min((block + 1) * blockElements, target.Length);
            for (int i = block * blockElements; i < end; i++)
            {
                target[i] = levels[i] * scale;
            }
        }
    }

    private static float EncodeBlock(ReadOnlySpan<float> values, Span<sbyte> levels)
    {
        float largest = 0;
        foreach (float value in values)
        {
            // Unlike a comparison, this keeps a NaN, which all ranks then see.
            largest = MathF.Max(largest, MathF.Abs(value));
        }

        float scale = largest / LevelsMax;
        float inverse = scale > 0 ? 1 / scale : 0;
        if (!float.IsFinite(inverse))
        {
            // So small that it can't be divided by: below what float32 tells from 0 in a sum with anything.
            (scale, inverse) = (0, 0);
        }

        for (int i = 0; i < values.Length; i++)
        {
            float level = MathF.Round(values[i] * inverse);
            levels[i] = (sbyte)Math.Clamp(float.IsNaN(level) ? 1 : level, -LevelsMax, LevelsMax);
        }

        return scale;
    }

    private long Blocks(long elements) => (elements + blockElements - 1) / blockElements;
}
