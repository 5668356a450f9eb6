using System.Buffers.Binary;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.Watch;

/// <summary>
/// Tells watchers what happens to their keys: each one everything from its first revision on, in order, once, and
/// nothing else. The thread that applies commands publishes; each watcher is read by one thread at a time, whichever.
/// Thread safe otherwise.
/// </summary>
/// <remarks>Locks are taken in the order hub, store or watcher.</remarks>
internal sealed class WatchHub
{
    /// <summary>Changes that a watcher's buffer holds at most, unless said otherwise.</summary>
    public const int BufferChangesMax = 1024;

    private readonly Lock _gate = new();
    private readonly int _bufferChangesMax;
    private readonly Dictionary<byte[], WatchGroup> _singles = new(KeyBytesComparer.Instance);
    private readonly Dictionary<byte[], WatchGroup>.AlternateLookup<ReadOnlySpan<byte>> _singlesBySpan;
    private readonly Dictionary<byte[], WatchGroup> _ranges = new(KeyBytesComparer.Instance);
    private readonly RangeIndex _index = new();
    private readonly List<WatchGroup> _touched = [];
    private readonly List<WatchGroup> _found = [];
    private readonly List<Watcher> _woken = [];
    private KvStore _store;
    private long _published;

    /// <summary>A hub over a store.</summary>
    public WatchHub(KvStore store, int bufferChangesMax = BufferChangesMax)
    {
        _store = store;
        _published = store.Revision;
        _bufferChangesMax = bufferChangesMax;
        _singlesBySpan = _singles.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The revision up to which watchers were told.</summary>
    public long PublishedRevision
    {
        get
        {
            lock (_gate)
            {
                return _published;
            }
        }
    }

    /// <summary>Adds a watcher. It is read by <see cref="Read"/>, from the beginning: the sink is told only after that
    /// has said to wait.</summary>
    /// <param name="options">What it wants to see.</param>
    /// <param name="sink">Who is told when there is something to read.</param>
    /// <param name="revision">The store's revision as of which it watches.</param>
    public Watcher Add(WatchOptions options, IWatchSink sink, out long revision)
    {
        lock (_gate)
        {
            revision = _store.Revision;
            var next = options.StartRevision > 0 ? options.StartRevision : revision + 1;
            var watcher = new Watcher(options, sink, next);
            if (next > _published)
            {
                Join(watcher);
            }

            return watcher;
        }
    }

    /// <summary>Ends a watcher.</summary>
    public void Cancel(Watcher watcher)
    {
        lock (_gate)
        {
            if (watcher.End == WatchOutcome.Waiting)
            {
                Leave(watcher);
                watcher.End = WatchOutcome.Cancelled;
                watcher.Clear();
            }
        }
    }

    /// <summary>Takes what a watcher has to be told next. One thread at a time for each watcher.</summary>
    public WatchReading Read(Watcher watcher)
    {
        while (true)
        {
            if (watcher.TryTake(out var buffered))
            {
                return new WatchReading(WatchOutcome.Changes, buffered);
            }

            KvStore store;
            long next;
            long to;
            lock (_gate)
            {
                if (watcher.End != WatchOutcome.Waiting)
                {
                    return new WatchReading(watcher.End, [], watcher.EndRevision);
                }

                if (watcher.Group is null && watcher.Next > _published)
                {
                    Join(watcher);
                }

                if (watcher.Group is not null)
                {
                    if (watcher.TryWait())
                    {
                        return WatchReading.Waiting;
                    }

                    continue;
                }

                (store, next, to) = (_store, watcher.Next, _published);
            }

            if (ReadHistory(watcher, store, next, to) is { } reading)
            {
                return reading;
            }
        }
    }

    /// <summary>
    /// The revision up to which some watchers have been told everything, all of what was read of them included; null
    /// where there is none, because one of them is behind, has something in its buffer, or begins in the future.
    /// Whoever reads them calls it between two reads.
    /// </summary>
    public long? ProgressOf(IEnumerable<Watcher> watchers)
    {
        lock (_gate)
        {
            foreach (var watcher in watchers)
            {
                if (watcher.End == WatchOutcome.Waiting && !IsTold(watcher))
                {
                    return null;
                }
            }

            return _published;
        }
    }

    /// <summary>Tells the watchers that keep up of all that was applied since. By the thread that applies, between
    /// revisions.</summary>
    public void Publish()
    {
        lock (_gate)
        {
            var to = _store.Revision;
            if (to == _published)
            {
                return;
            }

            if (_singles.Count + _ranges.Count > 0)
            {
                Collect(_published + 1);
                foreach (var group in _touched)
                {
                    Deliver(group);
                }

                _touched.Clear();
            }

            _published = to;
        }

        Wake();
    }

    /// <summary>The state is another one now. Watchers go on behind what they were told last: they read the new
    /// history, and are over where it does not reach back so far. By the thread that applies.</summary>
    public void Replace(KvStore store)
    {
        lock (_gate)
        {
            foreach (var group in _singles.Values.Concat(_ranges.Values))
            {
                foreach (var watcher in group.Watchers)
                {
                    watcher.Group = null;
                    watcher.Next = Math.Max(watcher.Next, _published + 1);
                    if (watcher.StopWaiting())
                    {
                        _woken.Add(watcher);
                    }
                }
            }

            _singles.Clear();
            _ranges.Clear();
            _index.Clear();
            _store = store;
            _published = store.Revision;
        }

        Wake();
    }

    /// <summary>A watcher that begins later must not hear of a revision before its first one.</summary>
    private bool IsTold(Watcher watcher) =>
        watcher.Group is not null
        && watcher.Options.StartRevision <= _published
        && watcher.Next <= _published + 1
        && watcher.IsDrained;

    private static byte[] NameOf(in KeyRange range)
    {
        if (range.IsSingle)
        {
            return range.Key.ToArray();
        }

        var name = new byte[4 + range.Key.Length + range.End.Length];
        BinaryPrimitives.WriteInt32LittleEndian(name, range.Key.Length);
        range.Key.CopyTo(name.AsMemory(4));
        range.End.CopyTo(name.AsMemory(4 + range.Key.Length));
        return name;
    }

    private WatchReading? ReadHistory(Watcher watcher, KvStore store, long from, long to)
    {
        List<KeyChange> changes = [];
        var failure = HistoryReader.Read(store, watcher.Options.Range, from, to, changes, out var next);
        var wanted = watcher.Wanted(changes);
        lock (_gate)
        {
            if (!ReferenceEquals(store, _store) || watcher.End != WatchOutcome.Waiting)
            {
                return null;
            }

            if (failure == ReadFailure.Compacted)
            {
                watcher.End = WatchOutcome.Compacted;
                watcher.EndRevision = store.CompactedRevision;
                return null;
            }

            watcher.Next = next;
            if (wanted.Count > 0)
            {
                return new WatchReading(WatchOutcome.Changes, wanted);
            }

            return next > _published ? null : new WatchReading(WatchOutcome.Again, []);
        }
    }

    private void Join(Watcher watcher)
    {
        var range = watcher.Options.Range;
        var groups = range.IsSingle ? _singles : _ranges;
        var name = NameOf(range);
        if (!groups.TryGetValue(name, out var group))
        {
            group = new WatchGroup(range, name);
            groups.Add(name, group);
            if (!range.IsSingle)
            {
                _index.Add(group);
            }
        }

        group.Add(watcher);
    }

    private void Leave(Watcher watcher)
    {
        if (watcher.Group is not { } group)
        {
            return;
        }

        group.Remove(watcher);
        if (group.Watchers.Count > 0)
        {
            return;
        }

        if (group.Range.IsSingle)
        {
            _singles.Remove(group.Name);
        }
        else
        {
            _ranges.Remove(group.Name);
            _index.Remove(group);
        }
    }

    /// <summary>Sorts what was applied since into the groups. The thread that applies needs no lock of the store to
    /// read.</summary>
    private void Collect(long from)
    {
        var history = _store.History;
        for (var place = history.PlaceOf(from); place < history.End; place++)
        {
            var change = KeyChange.Of(history[place], compacted: -1);
            var key = change.Version.Key;
            if (_singlesBySpan.TryGetValue(key, out var single))
            {
                Pend(single, change);
            }

            if (_ranges.Count > 0)
            {
                _index.Find(key, _found);
                foreach (var group in _found)
                {
                    Pend(group, change);
                }

                _found.Clear();
            }
        }
    }

    private void Pend(WatchGroup group, in KeyChange change)
    {
        if (group.Overflows)
        {
            return;
        }

        if (group.Pending.Count == 0)
        {
            _touched.Add(group);
        }

        group.Pending.Add(change);
        group.Overflows = group.Pending.Count > _bufferChangesMax;
    }

    private void Deliver(WatchGroup group)
    {
        KeyChange[] changes = group.Overflows ? [] : [.. group.Pending];
        for (var i = group.Watchers.Count - 1; i >= 0; i--)
        {
            var watcher = group.Watchers[i];
            bool wake;
            if (group.Overflows || !watcher.Offer(changes, _bufferChangesMax, out wake))
            {
                watcher.Next = Math.Max(watcher.Next, _published + 1);
                Leave(watcher);
                wake = watcher.StopWaiting();
            }

            if (wake)
            {
                _woken.Add(watcher);
            }
        }

        group.Pending.Clear();
        group.Overflows = false;
    }

    /// <summary>Outside the lock, and only ever on the thread that applies.</summary>
    private void Wake()
    {
        foreach (var watcher in _woken)
        {
            watcher.Sink.Ready(watcher);
        }

        _woken.Clear();
    }
}
