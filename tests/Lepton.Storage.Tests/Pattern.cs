using Lepton.Core.Randomness;

namespace Lepton.Storage.Tests;

/// <summary>Bytes that are the same for the same seed, and that nothing compresses or repeats.</summary>
internal static class Pattern
{
    public static byte[] Of(int length, ulong seed)
    {
        SeededRandom random = new(seed);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i += sizeof(ulong))
        {
            ulong value = random.NextUInt64();
            for (int k = i; k < Math.Min(i + sizeof(ulong), length); k++, value >>= 8)
            {
                bytes[k] = (byte)value;
            }
        }

        return bytes;
    }
}
