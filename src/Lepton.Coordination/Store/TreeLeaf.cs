namespace Lepton.Coordination.Store;

/// <summary>A leaf of the <see cref="KeyTree"/>: the latest versions of its keys, and the leaves beside it.</summary>
internal sealed class TreeLeaf : TreeNode
{
    private readonly KeyVersion?[] _items = new KeyVersion?[Capacity];

    /// <summary>The leaf with the keys after these.</summary>
    public TreeLeaf? Next { get; private set; }

    /// <summary>The leaf with the keys before these.</summary>
    public TreeLeaf? Before { get; private set; }

    /// <summary>The latest version of the key at a place.</summary>
    public KeyVersion this[int index] => _items[index]!;

    /// <summary>Puts a key that is not there yet; the leaf has room.</summary>
    public void Insert(int index, KeyVersion version)
    {
        Array.Copy(_items, index, _items, index + 1, Count - index);
        _items[index] = version;
        Count++;
        HeadInserted(index);
    }

    /// <summary>Puts a newer version of the key that is there.</summary>
    public void Replace(int index, KeyVersion version) => _items[index] = version;

    /// <summary>Takes a key out.</summary>
    public void RemoveAt(int index)
    {
        Count--;
        Array.Copy(_items, index + 1, _items, index, Count - index);
        _items[Count] = null;
        HeadRemoved(index);
    }

    /// <summary>Moves the keys from a place on into a new leaf behind this one.</summary>
    public TreeLeaf SplitAt(int index)
    {
        var right = new TreeLeaf { Next = Next, Before = this };
        Array.Copy(_items, index, right._items, 0, Count - index);
        Array.Clear(_items, index, Count - index);
        right.Count = Count - index;
        Count = index;
        Next?.Before = right;
        Next = right;
        for (var i = 0; i < right.Count; i++)
        {
            right.Live += right[i].IsTombstone ? 0 : 1;
        }

        Live -= right.Live;
        Reindex();
        right.Reindex();
        return right;
    }

    /// <summary>Takes over all keys of the leaf behind this one, which is then to be dropped.</summary>
    public void Absorb(TreeLeaf right)
    {
        Array.Copy(right._items, 0, _items, Count, right.Count);
        Count += right.Count;
        Live += right.Live;
        right.Unlink();
        Reindex();
    }

    /// <summary>Takes this leaf out of the row of leaves.</summary>
    public void Unlink()
    {
        Before?.Next = Next;
        Next?.Before = Before;
    }

    /// <summary>Keys before a place whose latest version is not a tombstone.</summary>
    public int LiveBefore(int index)
    {
        var live = 0;
        for (var i = 0; i < index; i++)
        {
            live += this[i].IsTombstone ? 0 : 1;
        }

        return live;
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> KeyAt(int index) => _items[index]!.Key;
}
