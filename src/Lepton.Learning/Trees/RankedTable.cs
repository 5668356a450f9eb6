using System.Numerics;

namespace Lepton.Learning;

/// <summary>
/// A table as trees are grown on it: each value is replaced by its rank among the distinct values of its feature, which
/// keeps every comparison exact and lets a node order its rows by counting. Read-only; shared by all trees of a forest.
/// Takes 1 byte a value where the feature has at most 256 distinct values, 4 bytes where it has more, beside the
/// distinct values.
/// </summary>
internal sealed class RankedTable
{
    private const int ByteRanksMax = 256;

    // Each feature has one or the other.
    private readonly byte[]?[] _narrow;
    private readonly int[]?[] _wide;
    private readonly double[][] _distinct;

    internal RankedTable(LabeledTable table)
    {
        Rows = table.Rows;
        Features = table.Features.Features;
        Classes = table.ClassNames.Count;
        Labels = table.Labels.ToArray();
        _narrow = new byte[Features][];
        _wide = new int[Features][];
        _distinct = new double[Features][];
        double[] column = new double[Rows];
        int[] order = new int[Rows];
        int[] ranks = new int[Rows];
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
            distinct.Clear();
            for (int i = 0; i < Rows; i++)
            {
                if (i == 0 || column[i] != column[i - 1])
                {
                    distinct.Add(column[i]);
                }

                ranks[order[i]] = distinct.Count - 1;
            }

            Keep(feature, ranks, distinct.Count);
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

    /// <summary>Bytes that the ranks take.</summary>
    internal long RankBytes => _narrow.Sum(ranks => ranks?.LongLength ?? 0)
        + (sizeof(int) * _wide.Sum(ranks => ranks?.LongLength ?? 0));

    /// <summary>Gives the rank of this feature of each of these rows, and the lowest and the highest of them.</summary>
    internal (int Low, int High) Gather(int feature, ReadOnlySpan<int> rows, Span<int> ranks) =>
        _narrow[feature] is { } narrow ? Gather(narrow, rows, ranks) : Gather(_wide[feature]!, rows, ranks);

    /// <summary>
    /// Moves the rows whose rank is at most <paramref name="lowerRank"/> to the front, both sides in their order;
    /// returns how many they are. The other ones are parked meanwhile.
    /// </summary>
    internal int Partition(int feature, int lowerRank, Span<int> rows, Span<int> parked) =>
        _narrow[feature] is { } narrow
            ? Partition(narrow, lowerRank, rows, parked)
            : Partition(_wide[feature]!, lowerRank, rows, parked);

    /// <summary>Halfway between the values of two ranks; the lower one where rounding would give the upper.</summary>
    internal double Midpoint(int feature, int lowerRank, int upperRank)
    {
        double lower = _distinct[feature][lowerRank];
        double upper = _distinct[feature][upperRank];
        double middle = (lower / 2) + (upper / 2);
        return middle >= upper || middle < lower ? lower : middle;
    }

    private void Keep(int feature, int[] ranks, int distinct)
    {
        if (distinct <= ByteRanksMax)
        {
            _narrow[feature] = Array.ConvertAll(ranks, static rank => (byte)rank);
        }
        else
        {
            _wide[feature] = [.. ranks];
        }
    }

    private static (int Low, int High) Gather<T>(T[] column, ReadOnlySpan<int> rows, Span<int> ranks)
        where T : struct, IBinaryInteger<T>
    {
        int low = int.MaxValue;
        int high = int.MinValue;
        for (int i = 0; i < rows.Length; i++)
        {
            int rank = int.CreateTruncating(column[rows[i]]);
            ranks[i] = rank;
            low = Math.Min(low, rank);
            high = Math.Max(high, rank);
        }

        return (low, high);
    }

    private static int Partition<T>(T[] column, int lowerRank, Span<int> rows, Span<int> parked)
        where T : struct, IBinaryInteger<T>
    {
        int left = 0;
        int right = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            int row = rows[i];
            if (int.CreateTruncating(column[row]) <= lowerRank)
            {
                rows[left++] = row;
            }
            else
            {
                parked[right++] = row;
            }
        }

        parked[..right].CopyTo(rows[left..]);
        return left;
    }
}
