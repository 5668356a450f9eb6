namespace Lepton.Coordination.Store;

/// <summary>
/// An inner node of the <see cref="KeyTree"/>: n separators and n + 1 children. The keys of a child are not below the
/// separator before it, and below the one behind it.
/// </summary>
internal sealed class TreeBranch : TreeNode
{
    private readonly byte[]?[] _separators = new byte[Capacity][];
    private readonly TreeNode?[] _children = new TreeNode?[Capacity + 1];

    private TreeBranch()
    {
    }

    /// <summary>A branch over two nodes.</summary>
    public TreeBranch(TreeNode left, byte[] separator, TreeNode right)
    {
        _children[0] = left;
        Live = left.Live;
        Insert(0, separator, right);
        Live += right.Live;
    }

    /// <summary>A child.</summary>
    public TreeNode this[int slot] => _children[slot]!;

    /// <summary>The slot of the child that a key belongs to.</summary>
    public int SlotOf(ReadOnlySpan<byte> key)
    {
        var index = LowerBound(key, out var found);
        return found ? index + 1 : index;
    }

    /// <summary>Puts a child behind the one at a slot; the branch has room. What lives below stays as it was.</summary>
    public void Insert(int slot, byte[] separator, TreeNode right)
    {
        Array.Copy(_separators, slot, _separators, slot + 1, Count - slot);
        Array.Copy(_children, slot + 1, _children, slot + 2, Count - slot);
        _separators[slot] = separator;
        _children[slot + 1] = right;
        Count++;
        HeadInserted(slot);
    }

    /// <summary>Takes a child out. The branch has another one.</summary>
    public void RemoveChild(int slot)
    {
        var index = Math.Max(slot - 1, 0);
        Array.Copy(_children, slot + 1, _children, slot, Count - slot);
        _children[Count] = null;
        Count--;
        Array.Copy(_separators, index + 1, _separators, index, Count - index);
        _separators[Count] = null;
        HeadRemoved(index);
    }

    /// <summary>Moves the children behind a separator into a new branch; the separator itself goes to the
    /// parent.</summary>
    public TreeBranch SplitAt(int index, out byte[] separator)
    {
        separator = _separators[index]!;
        var right = new TreeBranch { Count = Count - index - 1 };
        Array.Copy(_separators, index + 1, right._separators, 0, right.Count);
        Array.Copy(_children, index + 1, right._children, 0, right.Count + 1);
        Array.Clear(_separators, index, Count - index);
        Array.Clear(_children, index + 1, Count - index);
        Count = index;
        for (var slot = 0; slot <= right.Count; slot++)
        {
            right.Live += right[slot].Live;
        }

        Live -= right.Live;
        Reindex();
        right.Reindex();
        return right;
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> KeyAt(int index) => _separators[index];
}
