using System.Runtime.InteropServices;
using Lepton.Bench.Data;

namespace Lepton.Bench.Objects;

/// <summary>Bytes that don't compress, always the same.</summary>
internal static class Noise
{
    /// <summary>Fills bytes whose number is a multiple of eight.</summary>
    public static void Fill(Span<byte> bytes)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = SplitMix.Of((ulong)i);
        }
    }
}
