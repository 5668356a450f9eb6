using Lepton.Core.Randomness;
using Lepton.Training.Parallelism;

namespace Lepton.Training.Tests.Parallelism;

public sealed class StageBalanceTests
{
    [Fact]
    public void Divide_EqualCosts_EqualStages() =>
        Assert.Equal([0, 2, 4], StageBalance.Divide([1, 1, 1, 1, 1, 1], 3));

    [Fact]
    public void Divide_HeavyHead_StandsAlone() =>
        Assert.Equal([0, 5], StageBalance.Divide([1, 1, 1, 1, 1, 5], 2));

    [Fact]
    public void Divide_RandomCosts_NoDivisionIsBetter()
    {
        var random = new SeededRandom(5);
        for (int trial = 0; trial < 200; trial++)
        {
            double[] costs = [.. Enumerable.Range(0, random.NextInt32(1, 9)).Select(_ => random.NextDouble())];
            int stages = random.NextInt32(1, costs.Length + 1);

            IReadOnlyList<int> starts = StageBalance.Divide(costs, stages);

            Assert.Equal(stages, starts.Count);
            double best = All(costs.Length, stages).Min(division => SlowestOf(costs, division));
            Assert.Equal(best, SlowestOf(costs, starts), 1e-12);
        }
    }

    [Fact]
    public void Divide_FewerLayersThanStages_SaysSo() => Assert.Contains(
        "2 layers can't be divided among 3 stages",
        Assert.Throws<ArgumentException>(() => StageBalance.Divide([1, 1], 3)).Message, StringComparison.Ordinal);

    private static double SlowestOf(double[] costs, IReadOnlyList<int> starts) => starts
        .Select((start, stage) => costs[start..(stage + 1 < starts.Count ? starts[stage + 1] : costs.Length)].Sum())
        .Max();

    private static IEnumerable<IReadOnlyList<int>> All(int layers, int stages) =>
        from cuts in Enumerable.Range(0, 1 << layers)
        where (cuts & 1) == 1 && int.PopCount(cuts) == stages
        select Enumerable.Range(0, layers).Where(layer => (cuts >> layer & 1) == 1).ToArray();
}
