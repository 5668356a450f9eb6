using Lepton.Core;

namespace Lepton.Learning;

/// <summary>Collects a tree's nodes in preorder.</summary>
internal sealed class TreeBuilder(int nodeCapacity, int leafClassCapacity)
{
    private const int Unset = -1;
    private readonly List<int> _feature = new(nodeCapacity);
    private readonly List<double> _threshold = new(nodeCapacity);
    private readonly List<int> _right = new(nodeCapacity);
    private readonly List<int> _leafStart = new((nodeCapacity / 2) + 2);
    private readonly List<int> _leafClass = new(leafClassCapacity);
    private readonly List<double> _leafWeight = new(leafClassCapacity);

    internal int Nodes => _feature.Count;

    internal bool LastIsLeaf => _feature[^1] < 0;

    /// <summary>Adds a split whose right child is told later; returns its node number.</summary>
    internal int AddSplit(int feature, double threshold)
    {
        _feature.Add(feature);
        _threshold.Add(threshold);
        _right.Add(Unset);
        return _feature.Count - 1;
    }

    internal void SetRight(int split, int node)
    {
        Invariant.Check(_right[split] == Unset);
        _right[split] = node;
    }

    /// <summary>Adds a leaf, to which <see cref="AddLeafClass"/> adds the classes.</summary>
    internal void AddLeaf()
    {
        _feature.Add(-1);
        _threshold.Add(0);
        _right.Add(_leafStart.Count);
        _leafStart.Add(_leafClass.Count);
    }

    internal void AddLeafClass(int label, double weight)
    {
        _leafClass.Add(label);
        _leafWeight.Add(weight);
    }

    internal DecisionTree Build() => new(
        [.. _feature],
        [.. _threshold],
        [.. _right],
        [.. _leafStart, _leafClass.Count],
        [.. _leafClass],
        [.. _leafWeight]);
}
