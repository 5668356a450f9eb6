namespace Lepton.Learning;

/// <summary>
/// The rows of one node and the search for the best threshold of one feature among them (gini). Owns its scratch
/// arrays, so that nothing is allocated between nodes. One tree at a time.
/// </summary>
/// <remarks>
/// Weights are whole numbers unless classes are weighted, so the running sums are exact and the result does not depend
/// on the order of equal values.
/// </remarks>
internal sealed class NodeScan
{
    // A counting sort walks the range of ranks once; past this many ranks a row, comparing keys is cheaper.
    private const int RanksPerRowMax = 4;
    private readonly RankedTable _table;
    private readonly int _minSamplesLeaf;
    private readonly int[] _rank;
    private readonly ulong[] _keys;
    private readonly int[] _label;
    private readonly double[] _weight;
    private readonly double[] _left;
    private readonly double[] _right;
    private readonly double[] _classWeight;
    private readonly int[] _rankCounts;
    private double _squares;
    private double _weightSum;
    private int _count;

    internal NodeScan(RankedTable table, int rowsMax, int minSamplesLeaf)
    {
        _table = table;
        _minSamplesLeaf = minSamplesLeaf;
        _rank = new int[rowsMax];
        _keys = new ulong[rowsMax];
        _label = new int[rowsMax];
        _weight = new double[rowsMax];
        _left = new double[table.Classes];
        _right = new double[table.Classes];
        _classWeight = new double[table.Classes];
        _rankCounts = new int[table.DistinctMax + 1];
    }

    /// <summary>The weight of each class in the node that was loaded last.</summary>
    internal ReadOnlySpan<double> ClassWeights => _classWeight;

    /// <summary>Takes a node's rows in; returns whether all are of one class.</summary>
    internal bool Load(ReadOnlySpan<int> rows, double[] rowWeights)
    {
        int[] labels = _table.Labels;
        _count = rows.Length;
        _classWeight.AsSpan().Clear();
        int first = labels[rows[0]];
        bool pure = true;
        for (int i = 0; i < rows.Length; i++)
        {
            int label = labels[rows[i]];
            double weight = rowWeights[rows[i]];
            _label[i] = label;
            _weight[i] = weight;
            _classWeight[label] += weight;
            pure &= label == first;
        }

        _weightSum = 0;
        _squares = 0;
        foreach (double weight in _classWeight)
        {
            _weightSum += weight;
            _squares += weight * weight;
        }

        return pure;
    }

    /// <summary>
    /// Improves on <paramref name="best"/> if a threshold of this feature does; returns false when the feature is
    /// constant here.
    /// </summary>
    internal bool TryFeature(ReadOnlySpan<int> rows, int feature, ref Split best)
    {
        (int low, int high) = _table.Gather(feature, rows, _rank);
        if (low == high)
        {
            return false;
        }

        Order(low, high);
        Scan(feature, ref best);
        return true;
    }

    /// <summary>Orders keys of (rank, position in the node); both ways give the same order.</summary>
    private void Order(int low, int high)
    {
        ReadOnlySpan<int> rank = _rank.AsSpan(0, _count);
        Span<ulong> keys = _keys.AsSpan(0, _count);
        if (high - low >= (long)RanksPerRowMax * _count)
        {
            for (int i = 0; i < rank.Length; i++)
            {
                keys[i] = ((ulong)(uint)rank[i] << 32) | (uint)i;
            }

            keys.Sort();
            return;
        }

        // Counts stand one place to the right, so that after the running sum each rank finds its first place.
        Span<int> starts = _rankCounts.AsSpan(0, high - low + 2);
        starts.Clear();
        for (int i = 0; i < rank.Length; i++)
        {
            starts[rank[i] - low + 1]++;
        }

        for (int r = 1; r < starts.Length; r++)
        {
            starts[r] += starts[r - 1];
        }

        for (int i = 0; i < rank.Length; i++)
        {
            keys[starts[rank[i] - low]++] = ((ulong)(uint)rank[i] << 32) | (uint)i;
        }
    }

    private void Scan(int feature, ref Split best)
    {
        ReadOnlySpan<ulong> keys = _keys.AsSpan(0, _count);
        Span<double> left = _left;
        Span<double> right = _right;
        left.Clear();
        _classWeight.CopyTo(right);
        double leftSquares = 0;
        double leftWeight = 0;
        double rightSquares = _squares;
        double rightWeight = _weightSum;
        int lastSplit = keys.Length - _minSamplesLeaf;
        for (int p = 1; p <= lastSplit; p++)
        {
            int moved = (int)(uint)keys[p - 1];
            int label = _label[moved];
            double weight = _weight[moved];
            double l = left[label];
            double r = right[label];
            leftSquares += weight * (l + l + weight);
            rightSquares += weight * (weight - r - r);
            left[label] = l + weight;
            right[label] = r - weight;
            leftWeight += weight;
            rightWeight -= weight;
            uint lower = (uint)(keys[p - 1] >> 32);
            uint upper = (uint)(keys[p] >> 32);
            if (lower == upper || p < _minSamplesLeaf)
            {
                continue;
            }

            double score = (leftSquares / leftWeight) + (rightSquares / rightWeight);
            if (score > best.Score)
            {
                best = new Split(feature, (int)lower, (int)upper, score);
            }
        }
    }
}
