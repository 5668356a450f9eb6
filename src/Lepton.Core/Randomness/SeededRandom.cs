using System.Numerics;
using Lepton.Core.Hashing;

namespace Lepton.Core.Randomness;

/// <summary>
/// Random numbers that depend on the seed alone: the same on every machine, operating system and version. xoshiro256**
/// (Blackman, Vigna 2018), seeded by SplitMix64. Not for secrets. Not thread safe: give each thread a
/// <see cref="Fork"/>.
/// </summary>
/// <remarks>Changing any sequence here changes every model that was trained from a seed.</remarks>
public sealed class SeededRandom
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;
    private readonly ulong _seed;
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;
    private double? _spareGaussian;

    /// <summary>Starts the sequence of <paramref name="seed"/>; every value is a good seed.</summary>
    public SeededRandom(ulong seed)
        : this(
            StableHash.Mix(seed),
            StableHash.Mix(seed + GoldenGamma),
            StableHash.Mix(seed + unchecked(2 * GoldenGamma)),
            StableHash.Mix(seed + unchecked(3 * GoldenGamma))) => _seed = seed;

    /// <summary>Starts from a state, for the published test vectors.</summary>
    internal SeededRandom(ulong s0, ulong s1, ulong s2, ulong s3)
    {
        _s0 = s0;
        _s1 = s1;
        _s2 = s2;
        _s3 = s3;
    }

    /// <summary>
    /// The seed of one part of seeded work, such as (seed, tree, column): it depends on nothing but the path, so it
    /// does not matter who asks first or on which worker. Parts left out count as 0.
    /// </summary>
    public static ulong DeriveSeed(ulong seed, ulong path0, ulong path1 = 0, ulong path2 = 0, ulong path3 = 0)
    {
        ulong derived = StableHash.Combine(StableHash.Mix(seed), path0);
        derived = StableHash.Combine(derived, path1);
        derived = StableHash.Combine(derived, path2);
        return StableHash.Combine(derived, path3);
    }

    /// <summary>
    /// A generator of its own for <paramref name="stream"/>. It depends on the seed this one was made with, never on
    /// the numbers already drawn from it.
    /// </summary>
    public SeededRandom Fork(ulong stream) => new(DeriveSeed(_seed, stream));

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number from 0 to <paramref name="exclusiveMax"/> - 1, each as likely.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveMax"/> is below 1.</exception>
    public int NextInt32(int exclusiveMax)
    {
        if (exclusiveMax < 1)
        {
            throw EmptyRange(nameof(exclusiveMax), 0, exclusiveMax);
        }

        return (int)NextBelow((uint)exclusiveMax);
    }

    /// <summary>A number from <paramref name="min"/> to <paramref name="exclusiveMax"/> - 1, each as likely.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty.</exception>
    public int NextInt32(int min, int exclusiveMax)
    {
        if (exclusiveMax <= min)
        {
            throw EmptyRange(nameof(exclusiveMax), min, exclusiveMax);
        }

        return (int)(min + (long)NextBelow((uint)((long)exclusiveMax - min)));
    }

    /// <summary>A number from 0 to <paramref name="exclusiveMax"/> - 1, each as likely.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveMax"/> is below 1.</exception>
    public long NextInt64(long exclusiveMax) => NextInt64(0, exclusiveMax);

    /// <summary>A number from <paramref name="min"/> to <paramref name="exclusiveMax"/> - 1, each as likely.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty.</exception>
    public long NextInt64(long min, long exclusiveMax)
    {
        if (exclusiveMax <= min)
        {
            throw EmptyRange(nameof(exclusiveMax), min, exclusiveMax);
        }

        return unchecked((long)((ulong)min + NextBelow((ulong)exclusiveMax - (ulong)min)));
    }

    /// <summary>A number in [0, 1), a multiple of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>
    /// A number of the standard normal distribution (mean 0, deviation 1). Marsaglia's polar method with a logarithm
    /// of our own, so that the bits do not depend on the machine's C library.
    /// </summary>
    public double NextGaussian()
    {
        if (_spareGaussian is { } spare)
        {
            _spareGaussian = null;
            return spare;
        }

        while (true)
        {
            double x = (2 * NextDouble()) - 1;
            double y = (2 * NextDouble()) - 1;
            double square = (x * x) + (y * y);
            if (square is > 0 and < 1)
            {
                double scale = Math.Sqrt(-2 * PortableMath.Log(square) / square);
                _spareGaussian = y * scale;
                return x * scale;
            }
        }
    }

    /// <summary>Puts <paramref name="values"/> in a random order, each order as likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int other = (int)NextBelow((uint)i + 1);
            (values[i], values[other]) = (values[other], values[i]);
        }
    }

    /// <summary>
    /// <paramref name="count"/> different numbers from 0 to <paramref name="population"/> - 1, in random order: a
    /// draw without replacement. Takes time and memory for <paramref name="count"/>, not for the population.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="count"/> is negative or above <paramref name="population"/>.
    /// </exception>
    public int[] Sample(int population, int count)
    {
        if (count < 0 || count > population)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"{count:N0} different numbers can't be drawn out of {population:N0}: " +
                "ask for 0 up to the size of the population.");
        }

        // The first steps of a Fisher-Yates shuffle of 0, 1, 2, ...; only the places that a swap has touched are kept.
        Dictionary<int, int> moved = new(count);
        int[] drawn = new int[count];
        for (int i = 0; i < count; i++)
        {
            int other = i + (int)NextBelow((uint)(population - i));
            drawn[i] = moved.GetValueOrDefault(other, other);
            moved[other] = moved.GetValueOrDefault(i, i);
        }

        return drawn;
    }

    private static ArgumentOutOfRangeException EmptyRange(string parameter, long min, long exclusiveMax) =>
        new(
            parameter,
            exclusiveMax,
            $"A random number was asked for from {min:N0} up to, not including, {exclusiveMax:N0}, which holds no " +
            $"number: the limit must be above {min:N0}.");

    /// <summary>
    /// Lemire's unbiased bounded number (2019): a product instead of a division, and rarely a second draw.
    /// </summary>
    private ulong NextBelow(ulong bound)
    {
        ulong high = Math.BigMul(NextUInt64(), bound, out ulong low);
        if (low < bound)
        {
            ulong threshold = (0 - bound) % bound;
            while (low < threshold)
            {
                high = Math.BigMul(NextUInt64(), bound, out low);
            }
        }

        return high;
    }
}
