using System.Runtime.InteropServices;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// Takes the elements of largest magnitude out of many: a radix selection on the bits of the magnitudes, four passes
/// and no sorting. Pure.
/// </summary>
internal static class TopKSelection
{
    private const uint MagnitudeMask = 0x7FFF_FFFF;

    // The 31 bits of a magnitude, from the top: 11, 10 and 10. Magnitudes are ordered as their bits are.
    private const int HighShift = 20;
    private const int MiddleShift = 10;

    /// <summary>
    /// Moves the <paramref name="places"/>.Length largest magnitudes out, and leaves zeros. Of equal ones the first
    /// are taken; NaN counts as largest. The places ascend.
    /// </summary>
    /// <param name="elements">Not fewer than are taken.</param>
    /// <param name="places">Where they were.</param>
    /// <param name="values">What they were.</param>
    public static void Take(Span<float> elements, Span<int> places, Span<float> values)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(elements);
        (uint threshold, int equal) = ThresholdOf(bits, places.Length);
        int taken = 0;
        for (int i = 0; i < bits.Length; i++)
        {
            uint magnitude = bits[i] & MagnitudeMask;
            if (magnitude < threshold || (magnitude == threshold && equal-- <= 0))
            {
                continue;
            }

            places[taken] = i;
            values[taken++] = elements[i];
            elements[i] = 0;
        }
    }

    // The magnitude of the last element that is taken, and how many of this magnitude are.
    private static (uint Threshold, int Equal) ThresholdOf(ReadOnlySpan<uint> bits, int count)
    {
        Span<int> histogram = stackalloc int[1 << (31 - HighShift)];
        foreach (uint element in bits)
        {
            histogram[(int)((element & MagnitudeMask) >> HighShift)]++;
        }

        uint threshold = BinOf(histogram, ref count) << HighShift;
        threshold |= BinWithin(bits, threshold, HighShift, MiddleShift, ref count) << MiddleShift;
        threshold |= BinWithin(bits, threshold, MiddleShift, 0, ref count);
        return (threshold, count);
    }

    private static uint BinWithin(ReadOnlySpan<uint> bits, uint prefix, int prefixShift, int shift, ref int count)
    {
        Span<int> histogram = stackalloc int[1 << (prefixShift - shift)];
        uint wanted = prefix >> prefixShift;
        foreach (uint element in bits)
        {
            uint magnitude = element & MagnitudeMask;
            if (magnitude >> prefixShift == wanted)
            {
                histogram[(int)(magnitude >> shift) & (histogram.Length - 1)]++;
            }
        }

        return BinOf(histogram, ref count);
    }

    // The bin that the count-th largest lies in; the count becomes its place within the bin.
    private static uint BinOf(ReadOnlySpan<int> histogram, ref int count)
    {
        int bin = histogram.Length - 1;
        while (bin > 0 && histogram[bin] < count)
        {
            count -= histogram[bin--];
        }

        return (uint)bin;
    }
}
