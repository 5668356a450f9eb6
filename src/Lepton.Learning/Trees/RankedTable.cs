namespace Lepton.Learning;

/// <summary>
/// A table as trees are grown on it: each value is replaced by its rank among the distinct values of its feature, which
/// keeps every comparison exact and lets a node order its rows by counting. Read-only; shared by all trees of a forest.
/// Takes 4 bytes a value beside the distinct values.
/// </summary>
internal sealed class RankedTable
{
    private readonly int[][] _ranks;
    private readonly double[][] _distinct;

    internal RankedTable(LabeledTable table)
    {
        Rows = table.Rows;
        Features = table.Features.Features;
        Classes = table.ClassNames.Count;
        Labels = table.Labels.ToArray();
        _ranks = new int[Features][];
        _distinct = new double[Features][];
        double[] column = new double[Rows];
        int[] order = new int[Rows];
        List<double> distinct = [];
        ReadOnlySpan<double> values = table.Features.Values;
        for (int feature = 0; feature < Features; feature++)
        {
            for (int row = 0; row < Rows; row++)
            {
                column[row] = values[(row * Features) + feature];
                order[row] = row;
            }

            Array.Sort(column, order);
            int[] ranks = new int[Rows];
            distinct.Clear();
            for (int i = 0; i < Rows; i++)
            {
                if (i == 0 || column[i] != column[i - 1])
                {
                    distinct.Add(column[i]);
                }

                ranks[order[i]] = distinct.Count - 1;
            }

            _ranks[feature] = ranks;
            _distinct[feature] = [.. distinct];
            DistinctMax = Math.Max(DistinctMax, distinct.Count);
        }
    }

    internal int Rows { get; }

    internal int Features { get; }

    internal int Classes { get; }

    /// <summary>The class of each row.</summary>
    internal int[] Labels { get; }

    /// <summary>The largest number of distinct values that a feature has.</summary>
    internal int DistinctMax { get; }

    /// <summary>For each row the rank of its value of this feature.</summary>
    internal int[] RanksOf(int feature) => _ranks[feature];

    /// <summary>Halfway between the values of two ranks; the lower one where rounding would give the upper.</summary>
    internal double Midpoint(int feature, int lowerRank, int upperRank)
    {
        double lower = _distinct[feature][lowerRank];
        double upper = _distinct[feature][upperRank];
        double middle = (lower / 2) + (upper / 2);
        return middle >= upper || middle < lower ? lower : middle;
    }
}
