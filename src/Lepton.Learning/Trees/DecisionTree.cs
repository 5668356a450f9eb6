using Lepton.Core;
using Lepton.Core.Records;

namespace Lepton.Learning;

/// <summary>
/// One grown tree in flat arrays, without the names that its model holds. A row goes left where its feature's value is
/// at most the threshold. Immutable and thread safe. A lookup takes as many steps as the tree is deep.
/// </summary>
public sealed class DecisionTree
{
    // Nodes stand in preorder: 0 is the root, and the left child of a split is the node after it. A leaf has no
    // feature; its _right is its number among the leaves. Leaves list only the classes that they hold, so pure leaves
    // of a deep tree stay small whatever the number of classes.
    private readonly int[] _feature;
    private readonly double[] _threshold;
    private readonly int[] _right;
    private readonly int[] _leafStart;
    private readonly int[] _leafClass;
    private readonly double[] _leafWeight;

    internal DecisionTree(
        int[] feature, double[] threshold, int[] right, int[] leafStart, int[] leafClass, double[] leafWeight)
    {
        Invariant.Check(feature.Length == threshold.Length && feature.Length == right.Length && feature.Length > 0);
        Invariant.Check(leafStart.Length == LeafCountOf(feature.Length) + 1 && leafClass.Length == leafWeight.Length);
        _feature = feature;
        _threshold = threshold;
        _right = right;
        _leafStart = leafStart;
        _leafClass = leafClass;
        _leafWeight = leafWeight;
    }

    /// <summary>Splits and leaves together.</summary>
    public int Nodes => _feature.Length;

    /// <summary>Leaves.</summary>
    public int Leaves => _leafStart.Length - 1;

    /// <summary>The longest way from the root to a leaf; 0 when the root is one.</summary>
    public int Depth
    {
        get
        {
            int[] depth = new int[Nodes];
            int deepest = 0;
            for (int node = 0; node < Nodes; node++)
            {
                deepest = Math.Max(deepest, depth[node]);
                if (_feature[node] >= 0)
                {
                    depth[node + 1] = depth[_right[node]] = depth[node] + 1;
                }
            }

            return deepest;
        }
    }

    /// <summary>The feature that a node splits on; −1 for a leaf.</summary>
    public int FeatureOf(int node) => _feature[node];

    /// <summary>The threshold of a split: rows with a value at most this go left. 0 for a leaf.</summary>
    public double ThresholdOf(int node) => _threshold[node];

    /// <summary>The left and the right child of a split.</summary>
    /// <exception cref="ArgumentException">The node is a leaf.</exception>
    public (int Left, int Right) ChildrenOf(int node) => _feature[node] >= 0
        ? (node + 1, _right[node])
        : throw new ArgumentException($"Node {node} is a leaf and has no children; ask FeatureOf first.", nameof(node));

    /// <summary>The node in which a row of features ends.</summary>
    public int LeafOf(ReadOnlySpan<double> row)
    {
        int node = 0;
        int feature;
        while ((feature = _feature[node]) >= 0)
        {
            node = row[feature] <= _threshold[node] ? node + 1 : _right[node];
        }

        return node;
    }

    /// <summary>
    /// How much of the impurity each feature took away over all splits, adding up to 1; all 0 in a tree without a
    /// split. Source: scikit-learn <c>feature_importances_</c>.
    /// </summary>
    internal double[] FeatureImportances(int features, int classes)
    {
        double[] importances = new double[features];
        Stack<double[]> totals = new();
        Stack<double[]> spare = new();
        for (int node = Nodes - 1; node >= 0; node--)
        {
            if (_feature[node] < 0)
            {
                double[] own = spare.TryPop(out double[]? room) ? room : new double[classes];
                own.AsSpan().Clear();
                int leaf = _right[node];
                for (int i = _leafStart[leaf]; i < _leafStart[leaf + 1]; i++)
                {
                    own[_leafClass[i]] = _leafWeight[i];
                }

                totals.Push(own);
                continue;
            }

            // Backwards through preorder the left child is the last one pushed, the right one lies under it.
            double[] left = totals.Pop();
            double[] right = totals.Pop();
            double gain = SquaresOverWeight(left) + SquaresOverWeight(right);
            for (int c = 0; c < classes; c++)
            {
                left[c] += right[c];
            }

            // Weight × gini = weight − Σ squares / weight, and the weights cancel between a node and its children.
            importances[_feature[node]] += gain - SquaresOverWeight(left);
            totals.Push(left);
            spare.Push(right);
        }

        Normalize(importances);
        return importances;
    }

    internal static void Normalize(double[] importances)
    {
        double sum = importances.Sum();
        for (int i = 0; i < importances.Length && sum > 0; i++)
        {
            importances[i] /= sum;
        }
    }

    /// <summary>Adds each row's class shares in its leaf to rows × classes sums.</summary>
    internal void AddProbabilities(FeatureMatrix features, Span<double> sums, int classes)
    {
        for (int row = 0; row < features.Rows; row++)
        {
            int leaf = _right[LeafOf(features.Row(row))];
            Span<double> sum = sums.Slice(row * classes, classes);
            int start = _leafStart[leaf];
            int end = _leafStart[leaf + 1];
            if (end == start + 1)
            {
                sum[_leafClass[start]] += 1;
                continue;
            }

            double total = 0;
            for (int i = start; i < end; i++)
            {
                total += _leafWeight[i];
            }

            for (int i = start; i < end; i++)
            {
                sum[_leafClass[i]] += _leafWeight[i] / total;
            }
        }
    }

    /// <summary>Preorder: for each node the feature + 1 and its threshold, or 0 and the leaf's classes with their
    /// weights.</summary>
    internal void Write(RecordWriter writer)
    {
        writer.WriteVarUInt64((ulong)Nodes);
        writer.WriteVarUInt64((ulong)_leafClass.Length);
        for (int node = 0; node < Nodes; node++)
        {
            writer.WriteVarUInt64((ulong)(_feature[node] + 1));
            if (_feature[node] >= 0)
            {
                writer.WriteDouble(_threshold[node]);
                continue;
            }

            int leaf = _right[node];
            writer.WriteVarUInt64((ulong)(_leafStart[leaf + 1] - _leafStart[leaf]));
            for (int i = _leafStart[leaf]; i < _leafStart[leaf + 1]; i++)
            {
                writer.WriteVarUInt64((ulong)_leafClass[i]);
                writer.WriteDouble(_leafWeight[i]);
            }
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote and refuses what is not a whole tree over so many features and
    /// classes.</summary>
    internal static DecisionTree Read(ref RecordReader reader, int features, int classes)
    {
        int nodes = reader.ReadLength(2);
        TreeBuilder builder = new(nodes, reader.ReadLength(9));
        Stack<int> openSplits = new();
        for (int node = 0; node < nodes; node++)
        {
            ulong feature = reader.ReadVarUInt64();
            if (feature > (ulong)features || (node > 0 && builder.LastIsLeaf && openSplits.Count == 0))
            {
                throw new CorruptRecordException(
                    $"Node {node} of a tree stands outside of it or splits on a feature that is not there.");
            }

            // After a leaf comes the right child of the innermost split that still waits for one.
            if (node > 0 && builder.LastIsLeaf)
            {
                builder.SetRight(openSplits.Pop(), node);
            }

            if (feature > 0)
            {
                openSplits.Push(builder.AddSplit((int)feature - 1, reader.ReadDouble()));
            }
            else
            {
                ReadLeaf(ref reader, builder, classes);
            }
        }

        return openSplits.Count == 0 && nodes > 0 && builder.LastIsLeaf
            ? builder.Build()
            : throw new CorruptRecordException("A tree ends before all of its splits have two children.");
    }

    private static void ReadLeaf(ref RecordReader reader, TreeBuilder builder, int classes)
    {
        builder.AddLeaf();
        int count = reader.ReadLength(9);
        for (int i = 0; i < count; i++)
        {
            ulong label = reader.ReadVarUInt64();
            double weight = reader.ReadDouble();
            if (label >= (ulong)classes || !(weight > 0) || !double.IsFinite(weight))
            {
                throw new CorruptRecordException($"A leaf holds class {label} with weight {weight}.");
            }

            builder.AddLeafClass((int)label, weight);
        }

        if (count == 0)
        {
            throw new CorruptRecordException("A leaf holds no class.");
        }
    }

    private static int LeafCountOf(int nodes) => (nodes + 1) / 2;

    private static double SquaresOverWeight(double[] totals)
    {
        double weight = 0;
        double squares = 0;
        foreach (double total in totals)
        {
            weight += total;
            squares += total * total;
        }

        return squares / weight;
    }
}
