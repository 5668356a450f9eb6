using System.Runtime.InteropServices;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// A bit an element, 1 for negative ones, and a float32 for each block: its mean magnitude. The magnitudes come first.
/// Pure.
/// </summary>
internal sealed class SignCode(int blockElements)
{
    private const int BitsOfByte = 8;
    private const uint SignBit = 0x8000_0000;

    public int BytesOf(int elements) => (Blocks(elements) * sizeof(float)) + SignBytes(elements);

    /// <summary>Packs elements, and leaves in their place what that leaves out.</summary>
    public void Encode(Span<float> elements, Span<byte> bytes)
    {
        Parts(bytes, elements.Length, out Span<float> magnitudes, out Span<byte> signs);
        signs.Clear();
        for (int block = 0; block < magnitudes.Length; block++)
        {
            int start = block * blockElements;
            int length = Math.Min(blockElements, elements.Length - start);
            magnitudes[block] = EncodeBlock(elements.Slice(start, length), signs[(start / BitsOfByte)..]);
        }
    }

    /// <summary>Adds what <see cref="Encode"/> packed, times a factor, to as many elements.</summary>
    public void AddTo(Span<float> elements, Span<byte> bytes, float factor)
    {
        Parts(bytes, elements.Length, out Span<float> magnitudes, out Span<byte> signs);
        for (int block = 0; block < magnitudes.Length; block++)
        {
            int start = block * blockElements;
            int end = Math.Min(start + blockElements, elements.Length);
            uint magnitude = BitConverter.SingleToUInt32Bits(magnitudes[block] * factor);
            for (int i = start; i < end; i++)
            {
                uint sign = (uint)signs[i / BitsOfByte] << (31 - (i % BitsOfByte));
                elements[i] += BitConverter.UInt32BitsToSingle(magnitude ^ (sign & SignBit));
            }
        }
    }

    private static float EncodeBlock(Span<float> elements, Span<byte> signs)
    {
        double sum = 0;
        foreach (float element in elements)
        {
            sum += MathF.Abs(element);
        }

        float magnitude = (float)(sum / elements.Length);
        uint bits = BitConverter.SingleToUInt32Bits(magnitude);
        for (int i = 0; i < elements.Length; i++)
        {
            uint sign = BitConverter.SingleToUInt32Bits(elements[i]) & SignBit;
            signs[i / BitsOfByte] |= (byte)(sign >> (31 - (i % BitsOfByte)));
            elements[i] -= BitConverter.UInt32BitsToSingle(bits ^ sign);
        }

        return magnitude;
    }

    private static int SignBytes(int elements) => (elements + BitsOfByte - 1) / BitsOfByte;

    private void Parts(Span<byte> bytes, int elements, out Span<float> magnitudes, out Span<byte> signs)
    {
        int head = Blocks(elements) * sizeof(float);
        magnitudes = MemoryMarshal.Cast<byte, float>(bytes[..head]);
        signs = bytes.Slice(head, SignBytes(elements));
    }

    private int Blocks(int elements) => (elements + blockElements - 1) / blockElements;
}
