using Lepton.Core.Randomness;

namespace Lepton.Learning;

/// <summary>
/// Grows trees on one table, one after the other, with scratch arrays of its own. Not thread safe: one for each thread,
/// all over the same <see cref="RankedTable"/>. What it grows depends on the table, the settings and the seed alone.
/// </summary>
/// <remarks>
/// Source: scikit-learn's <c>BestSplitter</c> and <c>DepthFirstTreeBuilder</c>. Features are drawn without replacement
/// until enough were looked at and one of them could be split; a feature that is constant in a node is not drawn again
/// below it. A node takes O(features drawn × rows × log rows) at most.
/// </remarks>
internal sealed class TreeGrower
{
    private readonly RankedTable _table;
    private readonly TreeSettings _settings;
    private readonly NodeScan _scan;
    private readonly double[] _rowWeights;
    private readonly int[] _rows;
    private readonly int[] _parked;
    private readonly int[] _features;
    private readonly int[] _constantFeatures;
    private readonly Stack<OpenNode> _open = new();

    internal TreeGrower(RankedTable table, TreeSettings settings)
    {
        _table = table;
        _settings = settings;
        _scan = new NodeScan(table, table.Rows, settings.MinSamplesLeaf);
        _rowWeights = new double[table.Rows];
        _rows = new int[table.Rows];
        _parked = new int[table.Rows];
        _features = new int[table.Features];
        _constantFeatures = new int[table.Features];
    }

    /// <summary>Grows one tree, on a bootstrap sample of as many rows as the table has, or on all rows.</summary>
    internal DecisionTree Grow(ulong seed, bool bootstrap, CancellationToken cancellationToken)
    {
        SeededRandom random = new(seed);
        int count = DrawRows(random, bootstrap);
        for (int i = 0; i < _features.Length; i++)
        {
            _features[i] = i;
        }

        TreeBuilder builder = new(64, 64);
        _open.Clear();
        _open.Push(new OpenNode(0, count, 0, 0, -1));
        while (_open.TryPop(out OpenNode node))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (node.RightOf >= 0)
            {
                builder.SetRight(node.RightOf, builder.Nodes);
            }

            GrowNode(node, random, builder);
        }

        return builder.Build();
    }

    private int DrawRows(SeededRandom random, bool bootstrap)
    {
        _rowWeights.AsSpan().Fill(bootstrap ? 0 : 1);
        for (int i = 0; i < _table.Rows && bootstrap; i++)
        {
            _rowWeights[random.NextInt32(_table.Rows)]++;
        }

        int count = 0;
        for (int row = 0; row < _table.Rows; row++)
        {
            if (_rowWeights[row] > 0)
            {
                _rowWeights[row] *= _settings.ClassWeights[_table.Labels[row]];
                _rows[count++] = row;
            }
        }

        return count;
    }

    private void GrowNode(OpenNode node, SeededRandom random, TreeBuilder builder)
    {
        Span<int> rows = _rows.AsSpan(node.Start, node.Count);
        bool pure = _scan.Load(rows, _rowWeights);
        int constants = node.KnownConstants;
        Split split = pure
            || node.Depth >= _settings.DepthMax
            || node.Count < _settings.MinSamplesSplit
            || node.Count / 2 < _settings.MinSamplesLeaf
                ? Split.None
                : FindSplit(rows, random, ref constants);
        if (!split.Found)
        {
            builder.AddLeaf();
            for (int label = 0; label < _table.Classes; label++)
            {
                if (_scan.ClassWeights[label] > 0)
                {
                    builder.AddLeafClass(label, _scan.ClassWeights[label]);
                }
            }

            return;
        }

        int leftCount = _table.Partition(split.Feature, split.LowerRank, rows, _parked);
        int index = builder.AddSplit(split.Feature, _table.Midpoint(split.Feature, split.LowerRank, split.UpperRank));
        int right = node.Start + leftCount;
        _open.Push(new OpenNode(right, node.Count - leftCount, node.Depth + 1, constants, index));
        _open.Push(new OpenNode(node.Start, leftCount, node.Depth + 1, constants, -1));
    }

    /// <summary>
    /// _features is kept in parts: constants known from above that were drawn, those not drawn, constants found here,
    /// features not drawn yet, features drawn.
    /// </summary>
    private Split FindSplit(ReadOnlySpan<int> rows, SeededRandom random, ref int constants)
    {
        Span<int> features = _features;
        int known = constants;
        int drawnConstants = 0;
        int foundConstants = 0;
        int visited = 0;
        int undrawnEnd = features.Length;
        Split best = Split.None;
        while (undrawnEnd > known + foundConstants
            && (visited < _settings.FeaturesPerSplit || visited <= foundConstants + drawnConstants))
        {
            visited++;
            int at = drawnConstants + random.NextInt32(undrawnEnd - foundConstants - drawnConstants);
            if (at < known)
            {
                Swap(features, at, drawnConstants++);
                continue;
            }

            at += foundConstants;
            if (_scan.TryFeature(rows, features[at], ref best))
            {
                Swap(features, at, --undrawnEnd);
            }
            else
            {
                Swap(features, at, known + foundConstants++);
            }
        }

        // Nodes further down rely on the order of the constants known to them, which the draws above have changed.
        _constantFeatures.AsSpan(0, known).CopyTo(features);
        features.Slice(known, foundConstants).CopyTo(_constantFeatures.AsSpan(known));
        constants = known + foundConstants;
        return best;
    }

    private static void Swap(Span<int> values, int a, int b) => (values[a], values[b]) = (values[b], values[a]);

    /// <summary>A node that waits to be grown; RightOf is the split whose right child it is, or −1.</summary>
    private readonly record struct OpenNode(int Start, int Count, int Depth, int KnownConstants, int RightOf);
}
