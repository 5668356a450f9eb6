using System.Buffers.Binary;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Shuffle;

/// <summary>Eight bytes of a key that sort as the key does, for the kinds of keys that have them.</summary>
internal abstract class KeyPrefix<TKey>
{
    /// <summary>True when equal prefixes mean equal keys.</summary>
    public abstract bool IsExact { get; }

    /// <summary>The prefix: smaller means the key sorts before.</summary>
    public abstract ulong Of(TKey key);

    /// <summary>The prefix for keys that sort by <paramref name="comparer"/>; null where there is none.</summary>
    public static KeyPrefix<TKey>? For(IComparer<TKey> comparer)
    {
        if (comparer is KeyComparer<TKey> ours)
        {
            KeyPrefix<TKey>? ascending = Create();
            return ascending is not null && ours.Descending ? new Descending(ascending) : ascending;
        }

        return null;
    }

    private static KeyPrefix<TKey>? Create()
    {
        object? prefix =
            typeof(TKey) == typeof(string) ? new StringPrefix()
            : typeof(TKey) == typeof(Utf8Text) ? new Utf8Prefix()
            : typeof(TKey) == typeof(long) ? new NumberPrefix<long>(static key => (ulong)key ^ (1UL << 63))
            : typeof(TKey) == typeof(int) ? new NumberPrefix<int>(static key => (ulong)(uint)key ^ (1UL << 31))
            : typeof(TKey) == typeof(ulong) ? new NumberPrefix<ulong>(static key => key)
            : typeof(TKey) == typeof(uint) ? new NumberPrefix<uint>(static key => key)
            : typeof(TKey) == typeof(double) ? new NumberPrefix<double>(OfDouble)
            : typeof(TKey) == typeof(float) ? new NumberPrefix<float>(static key => OfDouble(key))
            : typeof(TKey) == typeof(DateTime) ? new NumberPrefix<DateTime>(static key => (ulong)key.Ticks)
            : null;
        return (KeyPrefix<TKey>?)prefix;
    }

    // .NET sorts NaN before all numbers and takes both zeros as equal.
    private static ulong OfDouble(double key)
    {
        if (double.IsNaN(key))
        {
            return 0;
        }

        long bits = BitConverter.DoubleToInt64Bits(key == 0 ? 0 : key);
        return bits < 0 ? ~(ulong)bits : (ulong)bits | (1UL << 63);
    }

    private sealed class NumberPrefix<TNumber>(Func<TNumber, ulong> map) : KeyPrefix<TNumber>
    {
        public override bool IsExact => true;

        public override ulong Of(TNumber key) => map(key);
    }

    private sealed class StringPrefix : KeyPrefix<string?>
    {
        public override bool IsExact => false;

        public override ulong Of(string? key)
        {
            ulong prefix = 0;
            int length = Math.Min(key?.Length ?? 0, 4);
            for (int i = 0; i < length; i++)
            {
                prefix |= (ulong)key![i] << (48 - (16 * i));
            }

            return prefix;
        }
    }

    private sealed class Utf8Prefix : KeyPrefix<Utf8Text>
    {
        public override bool IsExact => false;

        public override ulong Of(Utf8Text key)
        {
            ReadOnlySpan<byte> bytes = key.Span;
            if (bytes.Length >= 8)
            {
                return BinaryPrimitives.ReadUInt64BigEndian(bytes);
            }

            ulong prefix = 0;
            for (int i = 0; i < bytes.Length; i++)
            {
                prefix |= (ulong)bytes[i] << (56 - (8 * i));
            }

            return prefix;
        }
    }

    private sealed class Descending(KeyPrefix<TKey> ascending) : KeyPrefix<TKey>
    {
        public override bool IsExact => ascending.IsExact;

        public override ulong Of(TKey key) => ~ascending.Of(key);
    }
}
