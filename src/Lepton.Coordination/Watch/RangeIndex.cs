using Lepton.Coordination.Store;

namespace Lepton.Coordination.Watch;

/// <summary>
/// Finds the groups whose range holds a key. Groups stand in one array in the order of their first keys, which is read
/// as a balanced tree that knows the furthest end below each node; new groups wait in a short list beside it until that
/// is worth sorting in.
/// </summary>
internal sealed class RangeIndex
{
    private const int NewMax = 64;

    private readonly List<WatchGroup> _new = [];
    private WatchGroup[] _sorted = [];
    private WatchGroup[] _furthest = [];
    private int _emptied;

    /// <summary>Adds a group.</summary>
    public void Add(WatchGroup group)
    {
        _new.Add(group);
        if (_new.Count > Math.Max(NewMax, _sorted.Length / NewMax))
        {
            Sort();
        }
    }

    /// <summary>A group has lost its last watcher.</summary>
    public void Remove(WatchGroup group)
    {
        if (!_new.Remove(group) && ++_emptied > Math.Max(NewMax, _sorted.Length / 2))
        {
            Sort();
        }
    }

    /// <summary>Adds the groups that hold a key to a list.</summary>
    public void Find(ReadOnlySpan<byte> key, List<WatchGroup> found)
    {
        Find(key, 0, _sorted.Length, found);
        foreach (var group in _new)
        {
            if (group.Range.Contains(key))
            {
                found.Add(group);
            }
        }
    }

    /// <summary>Forgets all groups.</summary>
    public void Clear()
    {
        _new.Clear();
        (_sorted, _furthest, _emptied) = ([], [], 0);
    }

    private void Find(ReadOnlySpan<byte> key, int low, int high, List<WatchGroup> found)
    {
        if (low >= high)
        {
            return;
        }

        var middle = (int)((uint)(low + high) >> 1);
        if (!_furthest[middle].Range.IsBeforeEnd(key))
        {
            return;
        }

        Find(key, low, middle, found);
        var group = _sorted[middle];
        if (key.SequenceCompareTo(group.Range.Key.Span) >= 0)
        {
            if (group.Watchers.Count > 0 && group.Range.IsBeforeEnd(key))
            {
                found.Add(group);
            }

            Find(key, middle + 1, high, found);
        }
    }

    private void Sort()
    {
        WatchGroup[] all = [.. _sorted.Where(group => group.Watchers.Count > 0), .. _new];
        Array.Sort(all, (a, b) => a.Range.Key.Span.SequenceCompareTo(b.Range.Key.Span));
        _sorted = all;
        _furthest = new WatchGroup[all.Length];
        _new.Clear();
        _emptied = 0;
        FindFurthest(0, all.Length);
    }

    private WatchGroup? FindFurthest(int low, int high)
    {
        if (low >= high)
        {
            return null;
        }

        var middle = (int)((uint)(low + high) >> 1);
        var furthest = Further(_sorted[middle], FindFurthest(low, middle));
        furthest = Further(furthest, FindFurthest(middle + 1, high));
        _furthest[middle] = furthest;
        return furthest;
    }

    private static WatchGroup Further(WatchGroup one, WatchGroup? other)
    {
        if (other is null || one.Range.IsOpen)
        {
            return one;
        }

        return other.Range.IsOpen || other.Range.End.Span.SequenceCompareTo(one.Range.End.Span) > 0 ? other : one;
    }
}
