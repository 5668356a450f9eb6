using System.Buffers.Binary;

namespace Lepton.Coordination.Store;

/// <summary>
/// A node of the <see cref="KeyTree"/>: keys in ascending order. Beside each key stand its eight bytes after the prefix
/// that all keys of the node share, so that most comparisons touch one array of numbers and not the keys themselves.
/// </summary>
internal abstract class TreeNode
{
    /// <summary>Keys that a node holds at most.</summary>
    public const int Capacity = 64;

    private readonly ulong[] _heads = new ulong[Capacity];
    private int _shared;

    /// <summary>Keys in this node.</summary>
    public int Count { get; protected set; }

    /// <summary>Keys below this node, or in it, whose latest version is not a tombstone.</summary>
    public int Live { get; set; }

    /// <summary>The key at a place.</summary>
    protected abstract ReadOnlySpan<byte> KeyAt(int index);

    /// <summary>The place of the first key that is not below <paramref name="key"/>.</summary>
    public int LowerBound(ReadOnlySpan<byte> key, out bool found)
    {
        found = false;
        if (Count == 0)
        {
            return 0;
        }

        if (_shared > 0)
        {
            var order = key[..Math.Min(key.Length, _shared)].SequenceCompareTo(KeyAt(0)[.._shared]);
            if (order != 0)
            {
                return order < 0 ? 0 : Count;
            }
        }

        return Search(key, out found);
    }

    /// <summary>The place of a key that is there; -1 where it is not. It does not look at any other key's bytes, which
    /// on a large tree are not in the processor's cache.</summary>
    public int IndexOf(ReadOnlySpan<byte> key)
    {
        if (Count == 0 || key.Length < _shared)
        {
            return -1;
        }

        // A key that does not begin as the node's keys do may seem to be found here.
        var index = Search(key, out var found);
        return found && KeyAt(index)[.._shared].SequenceEqual(key[.._shared]) ? index : -1;
    }

    /// <summary>Makes the prefix and the heads fit a key that was put at a place; <see cref="Count"/> counts it
    /// already.</summary>
    protected void HeadInserted(int index)
    {
        var key = KeyAt(index);
        var shared = Count == 1 ? key.Length : Math.Min(_shared, key.CommonPrefixLength(KeyAt(index == 0 ? 1 : 0)));
        if (shared != _shared)
        {
            _shared = shared;
            FillHeads();
            return;
        }

        Array.Copy(_heads, index, _heads, index + 1, Count - 1 - index);
        _heads[index] = HeadOf(key, shared);
    }

    /// <summary>Makes the heads fit what is left when the key at a place was taken out.</summary>
    protected void HeadRemoved(int index) => Array.Copy(_heads, index + 1, _heads, index, Count - index);

    /// <summary>Finds the prefix and the heads anew, after a split or a merge.</summary>
    protected void Reindex()
    {
        _shared = Count == 0 ? 0 : KeyAt(0).CommonPrefixLength(KeyAt(Count - 1));
        FillHeads();
    }

    private static int FirstNotBelow(ReadOnlySpan<ulong> heads, ulong head)
    {
        var low = 0;
        var high = heads.Length;
        while (low < high)
        {
            var middle = (int)((uint)(low + high) >> 1);
            if (heads[middle] < head)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static ulong HeadOf(ReadOnlySpan<byte> key, int shared)
    {
        var rest = key[shared..];
        if (rest.Length >= 8)
        {
            return BinaryPrimitives.ReadUInt64BigEndian(rest);
        }

        ulong head = 0;
        for (var i = 0; i < rest.Length; i++)
        {
            head |= (ulong)rest[i] << (56 - (8 * i));
        }

        return head;
    }

    /// <summary>The place of the first key that is not below one that begins as they all do.</summary>
    private int Search(ReadOnlySpan<byte> key, out bool found)
    {
        found = false;
        var head = HeadOf(key, _shared);
        var heads = _heads.AsSpan(0, Count);
        var low = FirstNotBelow(heads, head);
        if (low == Count || heads[low] != head)
        {
            return low;
        }

        var high = head == ulong.MaxValue ? Count : low + FirstNotBelow(heads[low..], head + 1);
        return AmongTies(key, low, high, out found);
    }

    private int AmongTies(ReadOnlySpan<byte> key, int low, int high, out bool found)
    {
        var rest = key[_shared..];
        while (low < high)
        {
            var middle = (int)((uint)(low + high) >> 1);
            var order = KeyAt(middle)[_shared..].SequenceCompareTo(rest);
            if (order == 0)
            {
                found = true;
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        found = false;
        return low;
    }

    private void FillHeads()
    {
        for (var i = 0; i < Count; i++)
        {
            _heads[i] = HeadOf(KeyAt(i), _shared);
        }
    }
}
