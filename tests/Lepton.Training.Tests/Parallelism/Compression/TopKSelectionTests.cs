using Lepton.Core.Randomness;
using Lepton.Training.Parallelism.Compression;

namespace Lepton.Training.Tests.Parallelism.Compression;

public sealed class TopKSelectionTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(1000, 1)]
    [InlineData(1000, 10)]
    [InlineData(1000, 999)]
    [InlineData(1000, 1000)]
    [InlineData(100_000, 1000)]
    public void Take_RandomNumbers_AsSorting(int count, int taken)
    {
        var random = new SeededRandom((ulong)((count * 31) + taken));

        // Few different magnitudes, so that there are ties, and many of them.
        float[] ties = [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextInt32(-5, 6) * 0.1))];
        float[] all = [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())];

        AssertAsSorting(ties, taken);
        AssertAsSorting(all, taken);
    }

    [Fact]
    public void Take_NotANumber_IsTakenFirst()
    {
        float[] elements = [1, float.NaN, float.NegativeInfinity, 3];

        int[] places = new int[2];
        TopKSelection.Take(elements, places, new float[2]);

        Assert.Equal([1, 2], places);
        Assert.Equal([1, 0, 0, 3], elements);
    }

    private static void AssertAsSorting(float[] elements, int taken)
    {
        int[] expected = [.. Enumerable.Range(0, elements.Length)
            .OrderByDescending(i => MathF.Abs(elements[i])).ThenBy(static i => i).Take(taken).Order()];
        float[] left = [.. elements];
        int[] places = new int[taken];
        float[] values = new float[taken];

        TopKSelection.Take(left, places, values);

        Assert.Equal(expected, places);
        Assert.Equal(expected.Select(i => elements[i]), values);
        for (int i = 0; i < taken; i++)
        {
            Assert.Equal(0, left[places[i]]);
            left[places[i]] = values[i];
        }

        Assert.Equal(elements, left);
    }
}
