using Lepton.Coordination.Store;

namespace Lepton.Coordination.Watch;

/// <summary>The watchers of one range that keep up, and what is on its way to them.</summary>
internal sealed class WatchGroup(KeyRange range, byte[] name)
{
    /// <summary>Their range.</summary>
    public KeyRange Range => range;

    /// <summary>What the group is found by.</summary>
    public byte[] Name => name;

    /// <summary>Who they are.</summary>
    public List<Watcher> Watchers { get; } = [];

    /// <summary>What they will be told next.</summary>
    public List<KeyChange> Pending { get; } = [];

    /// <summary>Whether that has become too much for any buffer.</summary>
    public bool Overflows { get; set; }

    /// <summary>Adds a watcher.</summary>
    public void Add(Watcher watcher)
    {
        watcher.Group = this;
        watcher.GroupIndex = Watchers.Count;
        Watchers.Add(watcher);
    }

    /// <summary>Takes a watcher out.</summary>
    public void Remove(Watcher watcher)
    {
        var last = Watchers[^1];
        Watchers[watcher.GroupIndex] = last;
        last.GroupIndex = watcher.GroupIndex;
        Watchers.RemoveAt(Watchers.Count - 1);
        watcher.Group = null;
    }
}
