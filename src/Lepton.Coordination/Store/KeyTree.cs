using Lepton.Core;

namespace Lepton.Coordination.Store;

/// <summary>
/// A B+tree from keys, by the order of their bytes, to their latest versions. It counts the keys that are not deleted,
/// so that a count over any range takes logarithmic time. Changes come from one thread; whoever reads on another one
/// holds the store's lock.
/// </summary>
internal sealed class KeyTree
{
    private const int DepthMax = 16;

    private readonly TreeBranch[] _path = new TreeBranch[DepthMax];
    private readonly int[] _slots = new int[DepthMax];
    private TreeNode _root = new TreeLeaf();
    private TreeLeaf _leaf;
    private int _index;
    private int _depth;

    /// <summary>An empty tree.</summary>
    public KeyTree() => _leaf = (TreeLeaf)_root;

    /// <summary>Keys whose latest version is not a tombstone.</summary>
    public int Live => _root.Live;

    /// <summary>The latest version of a key, a tombstone too; null where there is none.</summary>
    public KeyVersion? Find(ReadOnlySpan<byte> key)
    {
        var leaf = LeafOf(key);
        var index = leaf.IndexOf(key);
        return index >= 0 ? leaf[index] : null;
    }

    /// <summary>For the writer: finds a key as <see cref="Find"/> does, and remembers where, for <see cref="Set"/> and
    /// <see cref="Remove"/>.</summary>
    public KeyVersion? Locate(ReadOnlySpan<byte> key)
    {
        var node = _root;
        _depth = 0;
        while (node is TreeBranch branch)
        {
            var slot = branch.SlotOf(key);
            _path[_depth] = branch;
            _slots[_depth++] = slot;
            node = branch[slot];
        }

        _leaf = (TreeLeaf)node;
        _index = _leaf.IndexOf(key);
        if (_index >= 0)
        {
            return _leaf[_index];
        }

        _index = _leaf.LowerBound(key, out _);
        return null;
    }

    /// <summary>Puts a version where <see cref="Locate"/> found its key, or the place for it.</summary>
    public void Set(KeyVersion? located, KeyVersion version)
    {
        var change = (version.IsTombstone ? 0 : 1) - (located is null or { IsTombstone: true } ? 0 : 1);
        if (located is not null)
        {
            _leaf.Replace(_index, version);
            AddLive(change);
            return;
        }

        if (_leaf.Count < TreeNode.Capacity)
        {
            _leaf.Insert(_index, version);
            AddLive(change);
            return;
        }

        // The last leaf is left full by keys that come in ascending order.
        var splitAt = _index == _leaf.Count && _leaf.Next is null ? _leaf.Count : TreeNode.Capacity / 2;
        var right = _leaf.SplitAt(splitAt);
        if (_index > splitAt || splitAt == TreeNode.Capacity)
        {
            right.Insert(_index - splitAt, version);
            right.Live += change;
        }
        else
        {
            _leaf.Insert(_index, version);
            _leaf.Live += change;
        }

        for (var level = 0; level < _depth; level++)
        {
            _path[level].Live += change;
        }

        InsertAbove(_leaf, Separator(_leaf[_leaf.Count - 1].Key, right[0].Key), right);
    }

    /// <summary>Takes out the key that <see cref="Locate"/> found.</summary>
    public void Remove(KeyVersion located)
    {
        Invariant.Check(_index < _leaf.Count && ReferenceEquals(_leaf[_index], located));
        AddLive(located.IsTombstone ? 0 : -1);
        _leaf.RemoveAt(_index);
        if (_leaf.Count == 0)
        {
            DropLeaf();
        }
        else if (_leaf.Count < TreeNode.Capacity / 4 && _depth > 0)
        {
            Merge(_path[_depth - 1], _slots[_depth - 1]);
        }
    }

    /// <summary>
    /// Fills a buffer with the latest versions, tombstones too, of the keys of a range, in ascending order.
    /// </summary>
    /// <param name="range">The range.</param>
    /// <param name="after">Where a slice before this one ended: begin behind that key. Null: begin with the
    /// range.</param>
    /// <param name="buffer">Where they go.</param>
    /// <param name="done">Whether nothing is left in the range.</param>
    /// <returns>How many there are.</returns>
    public int Slice(in KeyRange range, KeyVersion? after, Span<KeyVersion> buffer, out bool done)
    {
        var start = after is null ? range.Key.Span : after.Key;
        var leaf = (TreeLeaf?)LeafOf(start);
        var index = leaf!.LowerBound(start, out var found);
        index += found && after is not null ? 1 : 0;
        var count = 0;
        for (; leaf is not null; leaf = leaf.Next, index = 0)
        {
            for (; index < leaf.Count; index++)
            {
                var version = leaf[index];
                if (!range.IsBeforeEnd(version.Key))
                {
                    done = true;
                    return count;
                }

                if (count == buffer.Length)
                {
                    done = false;
                    return count;
                }

                buffer[count++] = version;
            }
        }

        done = true;
        return count;
    }

    /// <summary>Keys of a range whose latest version is not a tombstone.</summary>
    public int CountLive(in KeyRange range)
    {
        if (range.IsSingle)
        {
            return Find(range.Key.Span) is { IsTombstone: false } ? 1 : 0;
        }

        var before = LiveBefore(range.Key.Span);
        return Math.Max((range.IsOpen ? Live : LiveBefore(range.End.Span)) - before, 0);
    }

    private static byte[] Separator(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        right[..(left.CommonPrefixLength(right) + 1)].ToArray();

    private TreeLeaf LeafOf(ReadOnlySpan<byte> key)
    {
        var node = _root;
        while (node is TreeBranch branch)
        {
            node = branch[branch.SlotOf(key)];
        }

        return (TreeLeaf)node;
    }

    private int LiveBefore(ReadOnlySpan<byte> key)
    {
        var node = _root;
        var live = 0;
        while (node is TreeBranch branch)
        {
            var slot = branch.SlotOf(key);
            for (var i = 0; i < slot; i++)
            {
                live += branch[i].Live;
            }

            node = branch[slot];
        }

        var leaf = (TreeLeaf)node;
        return live + leaf.LiveBefore(leaf.LowerBound(key, out _));
    }

    private void AddLive(int change)
    {
        if (change == 0)
        {
            return;
        }

        _leaf.Live += change;
        for (var level = 0; level < _depth; level++)
        {
            _path[level].Live += change;
        }
    }

    private void InsertAbove(TreeNode left, byte[] separator, TreeNode right)
    {
        for (var level = _depth - 1; level >= 0; level--)
        {
            var parent = _path[level];
            var slot = _slots[level];
            if (parent.Count < TreeNode.Capacity)
            {
                parent.Insert(slot, separator, right);
                return;
            }

            var splitAt = slot == parent.Count ? parent.Count - 1 : TreeNode.Capacity / 2;
            var sibling = parent.SplitAt(splitAt, out var middle);
            if (slot > splitAt)
            {
                sibling.Insert(slot - splitAt - 1, separator, right);
                sibling.Live += right.Live;
                parent.Live -= right.Live;
            }
            else
            {
                parent.Insert(slot, separator, right);
            }

            (left, separator, right) = (parent, middle, sibling);
        }

        _root = new TreeBranch(left, separator, right);
        Invariant.Check(_depth < DepthMax - 1);
    }

    private void DropLeaf()
    {
        if (_depth == 0)
        {
            return;
        }

        _leaf.Unlink();
        var level = _depth - 1;
        while (level > 0 && _path[level].Count == 0)
        {
            level--;
        }

        if (_path[level].Count == 0)
        {
            _root = new TreeLeaf();
            return;
        }

        _path[level].RemoveChild(_slots[level]);
        CollapseRoot();
    }

    private void Merge(TreeBranch parent, int slot)
    {
        var leftSlot = slot < parent.Count ? slot : slot - 1;
        if (leftSlot < 0)
        {
            return;
        }

        var left = (TreeLeaf)parent[leftSlot];
        var right = (TreeLeaf)parent[leftSlot + 1];
        if (left.Count + right.Count > TreeNode.Capacity * 3 / 4)
        {
            return;
        }

        left.Absorb(right);
        parent.RemoveChild(leftSlot + 1);
        CollapseRoot();
    }

    private void CollapseRoot()
    {
        while (_root is TreeBranch { Count: 0 } branch)
        {
            _root = branch[0];
        }
    }
}
