using Lepton.Coordination.Store;

namespace Lepton.Coordination.Watch;

/// <summary>
/// One who watches a range of keys. While it keeps up, changes come into its buffer as they are applied. When it does
/// not, it falls back to reading the history at its own pace, so that a slow one costs no memory and misses nothing.
/// </summary>
internal sealed class Watcher
{
    /// <summary>Bytes of keys and values that a buffer holds at most, beside the first batch in it: it must not keep a compacted
    /// history in memory for a client that does not read.</summary>
    public const long BufferBytesMax = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<IReadOnlyList<KeyChange>> _buffer = new();
    private int _buffered;
    private long _bufferedBytes;
    private bool _waiting;

    internal Watcher(WatchOptions options, IWatchSink sink, long next)
    {
        Options = options;
        Sink = sink;
        Next = next;
    }

    /// <summary>What it wants to see.</summary>
    public WatchOptions Options { get; }

    /// <summary>Who is told when there is something to read.</summary>
    internal IWatchSink Sink { get; }

    /// <summary>No change before this revision is put into the buffer any more. Guarded by the hub.</summary>
    internal long Next { get; set; }

    /// <summary>Where it gets its changes from; null while it reads the history, or is over. Guarded by the
    /// hub.</summary>
    internal WatchGroup? Group { get; set; }

    /// <summary>Its place in the group.</summary>
    internal int GroupIndex { get; set; }

    /// <summary>Why it is over; <see cref="WatchOutcome.Waiting"/> while it is not. Guarded by the hub.</summary>
    internal WatchOutcome End { get; set; }

    /// <summary>The compacted revision that ended it.</summary>
    internal long EndRevision { get; set; }

    /// <summary>Whether all that was put into the buffer was taken out.</summary>
    internal bool IsDrained
    {
        get
        {
            lock (_gate)
            {
                return _buffer.Count == 0;
            }
        }
    }

    /// <summary>Puts changes into the buffer.</summary>
    /// <param name="changes">Whole revisions.</param>
    /// <param name="changesMax">What the buffer holds at most.</param>
    /// <param name="wake">Whether the sink is to be told.</param>
    /// <returns>False where the buffer is too full; then nothing was put.</returns>
    internal bool Offer(IReadOnlyList<KeyChange> changes, int changesMax, out bool wake)
    {
        wake = false;
        var wanted = Wanted(changes);
        if (wanted.Count == 0)
        {
            return true;
        }

        lock (_gate)
        {
            if (_buffered + wanted.Count > changesMax || _bufferedBytes > BufferBytesMax)
            {
                return false;
            }

            _buffer.Enqueue(wanted);
            _buffered += wanted.Count;
            _bufferedBytes += SizeOf(wanted);
            wake = _waiting;
            _waiting = false;
            return true;
        }
    }

    /// <summary>Takes what was put into the buffer first.</summary>
    internal bool TryTake(out IReadOnlyList<KeyChange> changes)
    {
        lock (_gate)
        {
            if (!_buffer.TryDequeue(out changes!))
            {
                changes = [];
                return false;
            }

            _buffered -= changes.Count;
            _bufferedBytes -= SizeOf(changes);
            return true;
        }
    }

    /// <summary>Says that there is nothing to read, unless there is.</summary>
    internal bool TryWait()
    {
        lock (_gate)
        {
            _waiting = _buffer.Count == 0;
            return _waiting;
        }
    }

    /// <summary>Whether it waited for something to read; it no longer does.</summary>
    internal bool StopWaiting()
    {
        lock (_gate)
        {
            var waited = _waiting;
            _waiting = false;
            return waited;
        }
    }

    /// <summary>Forgets what is in the buffer.</summary>
    internal void Clear()
    {
        lock (_gate)
        {
            _buffer.Clear();
            _buffered = 0;
            _bufferedBytes = 0;
        }
    }

    /// <summary>What of some changes it wants to see; the list itself where that is all of it.</summary>
    internal IReadOnlyList<KeyChange> Wanted(IReadOnlyList<KeyChange> changes)
    {
        if (changes.Count > 0 && changes[0].Revision >= Next && !Options.NoPut && !Options.NoDelete)
        {
            return changes;
        }

        var wanted = new List<KeyChange>(changes.Count);
        foreach (var change in changes)
        {
            if (change.Revision >= Next && Options.Admits(change))
            {
                wanted.Add(change);
            }
        }

        return wanted;
    }

    private static long SizeOf(IReadOnlyList<KeyChange> changes)
    {
        long bytes = 0;
        foreach (var change in changes)
        {
            bytes += change.Version.SizeBytes;
        }

        return bytes;
    }
}
