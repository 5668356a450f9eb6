using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Randomness;

namespace Lepton.Core.Tests.Randomness;

public sealed class SeededRandomTests
{
    [Fact]
    public void NextUInt64_ReferenceState_EqualsReferenceSequence()
    {
        SeededRandom random = new(1, 2, 3, 4);
        ulong[] expected =
        [
            11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600,
            16172922978634559625, 8476171486693032832, 10595114339597558777, 2904607092377533576,
        ];
        Assert.Equal(expected, expected.Select(_ => random.NextUInt64()));
    }

    /// <summary>From the reference C of xoshiro256** with a state filled by the reference SplitMix64.</summary>
    [Theory]
    [InlineData(0, 0x99ec5f36cb75f2b4, 0xbf6e1f784956452a, 0x1a5f849d4933e6e0, 0x6aa594f1262d2d2c)]
    [InlineData(42, 0x15780b2e0c2ec716, 0x6104d9866d113a7e, 0xae17533239e499a1, 0xecb8ad4703b360a1)]
    [InlineData(1234567, 0x30a3a1c363600467, 0x19405f0f579929ca, 0x115beaac046ddbd9, 0xeb17caf48f27d7f6)]
    public void NextUInt64_Seed_EqualsReferenceSequence(ulong seed, ulong n0, ulong n1, ulong n2, ulong n3)
    {
        SeededRandom random = new(seed);
        Assert.Equal([n0, n1, n2, n3], new[] { 0, 1, 2, 3 }.Select(_ => random.NextUInt64()));
    }

    /// <summary>These are fixed for good: models trained from a seed depend on them.</summary>
    [Fact]
    public void Sequences_Seed42_NeverChange()
    {
        SeededRandom random = new(42);
        Assert.Equal(GoldenSequences, string.Join(
            " ",
            random.NextInt32(1000),
            random.NextInt64(-5, 5),
            BitConverter.DoubleToUInt64Bits(random.NextDouble()).ToString("x", null),
            BitConverter.DoubleToUInt64Bits(random.NextGaussian()).ToString("x", null),
            string.Join(",", random.Sample(100, 5)),
            SeededRandom.DeriveSeed(42, 1, 2).ToString("x", null),
            random.Fork(3).NextUInt64().ToString("x", null)));
    }

    private const string GoldenSequences = 
        "83 -2 3fe5c2ea66473c93 3fedf16ccfa4d2a1 85,76,59,69,31 5bebca9f018ff3b2 f08514d82ca278ca";

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(100)]
    public void NextInt32_Bound_IsUniform(int bound)
    {
        SeededRandom random = new(7);
        int[] counts = new int[bound];
        const int PerBucket = 2000;
        for (int i = 0; i < bound * PerBucket; i++)
        {
            counts[random.NextInt32(bound)]++;
        }

        Assert.InRange(ChiSquare(counts, PerBucket), 0, ChiSquareLimit(bound - 1));
    }

    [Fact]
    public void NextInt64_BoundNearTwoToThe63_IsNotBiased()
    {
        // 2^64 holds this range 8/3 times. Without rejection a modulo would favour the first two thirds by half, and a
        // product would favour two of three neighbours.
        SeededRandom random = new(11);
        const long Bound = 3L << 61;
        int[] thirds = new int[3];
        int[] neighbours = new int[3];
        for (int i = 0; i < 30_000; i++)
        {
            long value = random.NextInt64(Bound);
            thirds[value / (Bound / 3)]++;
            neighbours[value % 3]++;
        }

        Assert.InRange(ChiSquare(thirds, 10_000), 0, ChiSquareLimit(2));
        Assert.InRange(ChiSquare(neighbours, 10_000), 0, ChiSquareLimit(2));
    }

    [Fact]
    public void NextInt_AnyRange_StaysInside() => Prop.ForAll<int, int, ulong>((a, b, seed) =>
    {
        (int min, int max) = (Math.Min(a, b), Math.Max(a, b) + 1);
        SeededRandom random = new(seed);
        int narrow = random.NextInt32(min, max);
        long wide = random.NextInt64((long)min << 30, (long)max << 30);
        return narrow >= min && narrow < max && wide >= (long)min << 30 && wide < (long)max << 30;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void NextInt_ExtremeRanges_ReachBothHalves()
    {
        SeededRandom random = new(3);
        int[] narrow = [.. Enumerable.Range(0, 100).Select(_ => random.NextInt32(int.MinValue, int.MaxValue))];
        long[] wide = [.. Enumerable.Range(0, 100).Select(_ => random.NextInt64(long.MinValue, long.MaxValue))];
        Assert.Contains(narrow, value => value < int.MinValue / 2);
        Assert.Contains(narrow, value => value > int.MaxValue / 2);
        Assert.Contains(wide, value => value < long.MinValue / 2);
        Assert.Contains(wide, value => value > long.MaxValue / 2);
        Assert.Equal(5, random.NextInt32(5, 6));
        Assert.Equal(long.MaxValue - 1, random.NextInt64(long.MaxValue - 1, long.MaxValue));
    }

    [Fact]
    public void NextInt_EmptyRange_SaysWhatIsWrong()
    {
        SeededRandom random = new(1);
        ArgumentOutOfRangeException zero = Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt32(0));
        Assert.Contains("from 0 up to, not including, 0", zero.Message, StringComparison.Ordinal);
        Assert.Contains("must be above 0", zero.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt32(5, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt64(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt64(3, 2));
    }

    [Fact]
    public void NextDouble_ManyDraws_AreUniformInUnitInterval()
    {
        SeededRandom random = new(5);
        int[] counts = new int[50];
        for (int i = 0; i < 50_000; i++)
        {
            double value = random.NextDouble();
            Assert.InRange(value, 0, 1 - Math.Pow(2, -53));
            counts[(int)(value * 50)]++;
        }

        Assert.InRange(ChiSquare(counts, 1000), 0, ChiSquareLimit(49));
    }

    [Fact]
    public void NextGaussian_ManyDraws_HaveTheMomentsOfTheNormal()
    {
        SeededRandom random = new(9);
        double[] draws = [.. Enumerable.Range(0, 200_000).Select(_ => random.NextGaussian())];
        Assert.InRange(draws.Average(), -0.01, 0.01);
        Assert.InRange(draws.Average(x => x * x), 0.985, 1.015);
        Assert.InRange(draws.Average(x => x * x * x), -0.04, 0.04);
        Assert.InRange(draws.Average(x => x * x * x * x), 2.9, 3.1);
        Assert.InRange(draws.Count(x => Math.Abs(x) < 1) / 200_000.0, 0.6827 - 0.005, 0.6827 + 0.005);
        Assert.InRange(draws.Count(x => Math.Abs(x) > 3) / 200_000.0, 0.002, 0.0034);
    }

    [Fact]
    public void Shuffle_ThreeValues_GivesEachOrderAsOften()
    {
        SeededRandom random = new(13);
        Dictionary<string, int> counts = [];
        for (int i = 0; i < 12_000; i++)
        {
            char[] letters = ['a', 'b', 'c'];
            random.Shuffle(letters.AsSpan());
            string order = new(letters);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(6, counts.Count);
        Assert.InRange(ChiSquare(counts.Values, 2000), 0, ChiSquareLimit(5));
    }

    [Fact]
    public void Sample_AnySize_GivesDifferentNumbersOfThePopulation() =>
        Prop.ForAll(Gen.Choose(0, 200).Two().ToArbitrary(), pair =>
        {
            (int population, int count) = (Math.Max(pair.Item1, pair.Item2), Math.Min(pair.Item1, pair.Item2));
            int[] drawn = new SeededRandom((ulong)population).Sample(population, count);
            return drawn.Length == count && drawn.Distinct().Count() == count
                && drawn.All(index => index >= 0 && index < population);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Sample_PairsOfFive_AreUniformInOrder()
    {
        SeededRandom random = new(17);
        int[] counts = new int[25];
        for (int i = 0; i < 20_000; i++)
        {
            int[] drawn = random.Sample(5, 2);
            counts[(drawn[0] * 5) + drawn[1]]++;
        }

        int[] offDiagonal = [.. counts.Where((_, i) => i / 5 != i % 5)];
        Assert.InRange(ChiSquare(offDiagonal, 1000), 0, ChiSquareLimit(19));
    }

    [Fact]
    public void Sample_HugePopulation_TakesMemoryForTheDrawnOnly() =>
        Assert.Equal(3, new SeededRandom(1).Sample(int.MaxValue, 3).Distinct().Count());

    [Fact]
    public void Sample_MoreThanThereAre_SaysWhatIsWrong()
    {
        ArgumentOutOfRangeException fault =
            Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandom(1).Sample(3, 4));
        Assert.Contains("4 different numbers can't be drawn out of 3", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandom(1).Sample(3, -1));
    }

    [Fact]
    public void Fork_WhateverWasDrawnBefore_GivesTheSameStream()
    {
        SeededRandom fresh = new(21);
        SeededRandom used = new(21);
        for (int i = 0; i < 10; i++)
        {
            used.NextUInt64();
        }

        used.Fork(1).NextUInt64();
        Assert.Equal(fresh.Fork(4).NextUInt64(), used.Fork(4).NextUInt64());
        Assert.Equal(new SeededRandom(SeededRandom.DeriveSeed(21, 4)).NextUInt64(), fresh.Fork(4).NextUInt64());
    }

    [Fact]
    public void Fork_NeighbouringStreams_AreIndependent()
    {
        // Independent bits agree half of the time: 64,000 bits within five deviations.
        SeededRandom parent = new(1);
        for (ulong stream = 0; stream < 20; stream++)
        {
            SeededRandom left = parent.Fork(stream);
            SeededRandom right = parent.Fork(stream + 1);
            int agreeing = 0;
            for (int i = 0; i < 1000; i++)
            {
                agreeing += 64 - (int)ulong.PopCount(left.NextUInt64() ^ right.NextUInt64());
            }

            Assert.InRange(agreeing, 32_000 - 633, 32_000 + 633);
        }
    }

    [Fact]
    public void Fork_FirstDrawOfManyStreams_IsUniform()
    {
        SeededRandom parent = new(2);
        int[] counts = new int[50];
        for (ulong stream = 0; stream < 50_000; stream++)
        {
            counts[parent.Fork(stream).NextInt32(50)]++;
        }

        Assert.InRange(ChiSquare(counts, 1000), 0, ChiSquareLimit(49));
    }

    [Fact]
    public void DeriveSeed_DifferentPaths_GiveDifferentSeeds()
    {
        HashSet<ulong> seen = [];
        for (ulong seed = 0; seed < 10; seed++)
        {
            for (ulong a = 0; a < 30; a++)
            {
                for (ulong b = 0; b < 30; b++)
                {
                    Assert.True(seen.Add(SeededRandom.DeriveSeed(seed, a, b)), $"({seed}, {a}, {b}) collides.");
                }
            }
        }

        Assert.Equal(SeededRandom.DeriveSeed(1, 2), SeededRandom.DeriveSeed(1, 2, 0, 0, 0));
        Assert.NotEqual(SeededRandom.DeriveSeed(1, 2, 3), SeededRandom.DeriveSeed(1, 2, 0, 3));
        Assert.NotEqual(SeededRandom.DeriveSeed(1, 2, 3, 4), SeededRandom.DeriveSeed(1, 2, 3, 0, 4));
    }

    [Fact]
    public void Log_AnyPositiveNumber_IsWithinTwoUnitsInTheLastPlace()
    {
        SeededRandom random = new(23);
        for (int i = 0; i < 100_000; i++)
        {
            double value = random.NextDouble() * Math.Pow(10, random.NextInt32(-15, 15));
            double expected = Math.Log(value);
            Assert.True(
                Math.Abs(PortableMath.Log(value) - expected) <= 2 * Math.BitIncrement(Math.Abs(expected)) * 2.3e-16,
                $"The logarithm of {value:R} is {expected:R}, not {PortableMath.Log(value):R}.");
        }

        Assert.Equal(0, PortableMath.Log(1));
    }

    private static double ChiSquare(IEnumerable<int> counts, double expected) =>
        counts.Sum(count => Math.Pow(count - expected, 2) / expected);

    /// <summary>What 99.9% of fair draws stay below (Wilson and Hilferty's approximation).</summary>
    private static double ChiSquareLimit(int degrees)
    {
        double ninth = 2.0 / (9 * degrees);
        return degrees * Math.Pow(1 - ninth + (3.09 * Math.Sqrt(ninth)), 3);
    }
}
