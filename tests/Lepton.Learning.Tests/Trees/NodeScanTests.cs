using FsCheck.Fluent;
using Lepton.Core.Randomness;

namespace Lepton.Learning.Tests.Trees;

public sealed class NodeScanTests
{
    /// <summary>
    /// Against the definition, over a node of some rows of the table: few distinct values are ordered by counting,
    /// ranks that lie far apart by sorting.
    /// </summary>
    [Theory]
    [InlineData(7, 120)]
    [InlineData(1_000_000, 120)]
    [InlineData(1_000_000, 8)]
    public void TryFeature_SomeRows_FindsTheBestThreshold(int distinct, int nodeRows) =>
        Prop.ForAll<int, bool>((seed, weighted) =>
        {
            SeededRandom random = new((ulong)(uint)seed);
            int[] labels = [.. Enumerable.Range(0, 400).Select(row => row < 3 ? row : random.NextInt32(3))];
            double[] values = [.. labels.Select(label => (double)(label + random.NextInt32(distinct)))];
            LabeledTable table = SyntheticTables.Of(values, labels, "a", "b", "c");
            double firstClass = weighted ? 0.3 : 1;
            double[] weights = [.. labels.Select(label => (1 + random.NextInt32(3)) * (label == 0 ? firstClass : 1))];
            int[] rows = random.Sample(400, nodeRows);
            int minSamplesLeaf = 1 + random.NextInt32(3);

            RankedTable ranked = new(table);
            NodeScan scan = new(ranked, ranked.Rows, minSamplesLeaf);
            scan.Load(rows, weights);
            Split best = Split.None;
            bool varies = scan.TryFeature(rows, 0, ref best);
            double expected = BestScore(ranked, rows, weights, minSamplesLeaf);
            return varies == rows.Any(row => values[row] != values[rows[0]])
                && (best.Found
                    ? Close(best.Score, expected) && Close(Score(ranked, rows, weights, best.LowerRank), expected)
                    : double.IsNegativeInfinity(expected));
        }).Holds();

    private static bool Close(double a, double b) => Math.Abs(a - b) <= 1e-9 * Math.Abs(b);

    private static double BestScore(RankedTable table, int[] rows, double[] weights, int minSamplesLeaf)
    {
        int[] ranks = RanksOf(table);
        return rows.Select(row => ranks[row]).Distinct()
            .Where(rank => rows.Count(row => ranks[row] <= rank) >= minSamplesLeaf
                && rows.Count(row => ranks[row] > rank) >= minSamplesLeaf)
            .Select(rank => Score(table, rows, weights, rank))
            .DefaultIfEmpty(double.NegativeInfinity)
            .Max();
    }

    private static double Score(RankedTable table, int[] rows, double[] weights, int rank)
    {
        int[] ranks = RanksOf(table);
        return rows
            .GroupBy(row => ranks[row] <= rank)
            .Sum(side => side.GroupBy(row => table.Labels[row])
                .Sum(c => Math.Pow(c.Sum(row => weights[row]), 2)) / side.Sum(row => weights[row]));
    }

    private static int[] RanksOf(RankedTable table)
    {
        int[] ranks = new int[table.Rows];
        table.Gather(0, [.. Enumerable.Range(0, table.Rows)], ranks);
        return ranks;
    }
}
