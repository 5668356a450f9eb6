using Lepton.Core;

namespace Lepton.Coordination.Store;

/// <summary>
/// The multi-version key-value store. One thread writes, between <see cref="Begin"/> and <see cref="End"/>; any number
/// of threads read. A lock guards the tree and the history; nobody holds it for more than <see cref="SliceKeys"/> keys
/// at a time.
/// <para>Compaction has two halves: <see cref="Compact"/> closes the revisions below at once, as the log says, and
/// <see cref="Prune"/> frees memory, as far as pins allow. Nothing that a caller can see depends on the second.</para>
/// </summary>
internal sealed class KvStore
{
    /// <summary>Keys that are looked at under one hold of the lock.</summary>
    public const int SliceKeys = 512;

    private readonly Lock _gate = new();
    private readonly KeyTree _tree = new();
    private readonly VersionHistory _history = new();
    private readonly SortedDictionary<long, int> _pins = [];
    private readonly KeyVersion[] _writerSlice = new KeyVersion[SliceKeys];
    private long _revision = 1;
    private long _compacted = -1;
    private long _pruned;
    private long _sizeBytes;
    private bool _open;
    private int _written;

    /// <summary>The latest revision; a new store is at 1.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>The revision up to which history is compacted, itself still readable; -1 where nothing is.</summary>
    public long CompactedRevision => Volatile.Read(ref _compacted);

    /// <summary>What the store holds, in bytes, as an estimate of the memory: keys, values and what surrounds
    /// them.</summary>
    public long SizeBytes => Volatile.Read(ref _sizeBytes);

    /// <summary>Keys that are there at the latest revision.</summary>
    public int LiveKeys
    {
        get
        {
            lock (_gate)
            {
                return _tree.Live;
            }
        }
    }

    /// <summary>The revision that a read by the writer sees: its own writes are in it.</summary>
    public long WriterRevision => _revision + (_written > 0 ? 1 : 0);

    /// <summary>Begins a revision. The writer holds the lock until <see cref="End"/>, but for pauses in long
    /// deletes.</summary>
    public void Begin()
    {
        _gate.Enter();
        Invariant.Check(!_open);
        _open = true;
        _written = 0;
    }

    /// <summary>Ends the revision; without a write it was none.</summary>
    /// <returns>The store's revision now.</returns>
    public long End()
    {
        Invariant.Check(_open);
        _open = false;
        if (_written > 0)
        {
            Volatile.Write(ref _revision, _revision + 1);
            _written = 0;
        }

        _gate.Exit();
        return _revision;
    }

    /// <summary>For the writer, in a revision or between two: the latest version of a key, null where it is not
    /// there.</summary>
    public KeyVersion? Latest(ReadOnlySpan<byte> key) =>
        _tree.Find(key) is { IsTombstone: false } version ? version : null;

    /// <summary>Puts a key, in the revision that was begun.</summary>
    /// <returns>What was there; null where nothing was.</returns>
    public KeyVersion? Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long lease)
    {
        Invariant.Check(_open);
        var previous = _tree.Locate(key);
        var version = KeyVersion.Put(key, value, _revision + 1, _written, lease, previous);
        Append(previous, version);
        return previous is { IsTombstone: false } ? previous : null;
    }

    /// <summary>Deletes the keys of a range, in the revision that was begun and in ascending order.</summary>
    /// <param name="range">Which keys.</param>
    /// <param name="deleted">Takes what was there, in that order.</param>
    public void DeleteRange(in KeyRange range, List<KeyVersion> deleted)
    {
        Invariant.Check(_open);
        if (range.IsSingle)
        {
            Delete(range.Key.Span, deleted);
            return;
        }

        KeyVersion? after = null;
        bool done;
        do
        {
            var count = _tree.Slice(range, after, _writerSlice, out done);
            foreach (var version in _writerSlice.AsSpan(0, count))
            {
                after = version;
                if (!version.IsTombstone)
                {
                    Delete(version.Key, deleted);
                }
            }

            if (!done)
            {
                _gate.Exit();
                _gate.Enter();
            }
        }
        while (!done);
        Array.Clear(_writerSlice);
    }

    /// <summary>For the writer: reads a range, its own writes included.</summary>
    public RangeResult RangeAsWriter(in RangeQuery query) => RangeReader.Read(this, query, asWriter: true);

    /// <summary>Reads a range, on any thread; a long one in slices, all as of one revision.</summary>
    public RangeResult Range(in RangeQuery query) => RangeReader.Read(this, query, asWriter: false);

    /// <summary>Closes the revisions below one. Between revisions, by the writer.</summary>
    public ReadFailure Compact(long revision)
    {
        if (revision <= _compacted)
        {
            return ReadFailure.Compacted;
        }

        if (revision > _revision)
        {
            return ReadFailure.FutureRevision;
        }

        lock (_gate)
        {
            Volatile.Write(ref _compacted, revision);
        }

        return ReadFailure.None;
    }

    /// <summary>
    /// Frees what is compacted and not pinned. Between revisions, by the writer.
    /// </summary>
    /// <param name="versionsMax">Versions to look at, at most.</param>
    /// <returns>Whether something is left that could be freed now.</returns>
    public bool Prune(int versionsMax)
    {
        lock (_gate)
        {
            var limit = Math.Min(_compacted, LowestPin());
            for (var i = 0; i < versionsMax && _pruned < _history.End; i++, _pruned++)
            {
                var version = _history[_pruned];
                if (version.ModRevision > limit)
                {
                    break;
                }

                Free(version);
            }

            while (_history.First < _pruned && _history[_history.First].ModRevision < limit)
            {
                _history.DropFirst();
            }

            return _pruned < _history.End && _history[_pruned].ModRevision <= limit;
        }
    }

    /// <summary>Keeps the compacted revision, and so all later ones, readable.</summary>
    public RevisionPin PinCompacted()
    {
        lock (_gate)
        {
            return PinLocked(_compacted);
        }
    }

    /// <summary>Keeps a revision readable.</summary>
    /// <param name="revision">Which; 0 or less for the latest.</param>
    /// <param name="pin">The pin, where there is one.</param>
    public ReadFailure TryPin(long revision, out RevisionPin? pin)
    {
        lock (_gate)
        {
            var failure = Check(revision, _revision);
            pin = failure == ReadFailure.None ? PinLocked(revision > 0 ? revision : _revision) : null;
            return failure;
        }
    }

    /// <summary>Lets go of a pinned revision.</summary>
    public void Unpin(long revision)
    {
        lock (_gate)
        {
            UnpinLocked(revision);
        }
    }

    /// <summary>The lock that readers of <see cref="Tree"/> and <see cref="History"/> hold.</summary>
    internal Lock Gate => _gate;

    /// <summary>The keys; only under the lock.</summary>
    internal KeyTree Tree => _tree;

    /// <summary>The versions by revision; only under the lock.</summary>
    internal VersionHistory History => _history;

    /// <summary>Whether the tree's latest versions are those of <see cref="Revision"/>; only under the lock.</summary>
    internal bool IsSettled => !_open || _written == 0;

    /// <summary>Whether a read at a revision is possible where the latest one is <paramref name="latest"/>.</summary>
    internal ReadFailure Check(long revision, long latest)
    {
        if (revision > latest)
        {
            return ReadFailure.FutureRevision;
        }

        return revision > 0 && revision < _compacted ? ReadFailure.Compacted : ReadFailure.None;
    }

    /// <summary>Pins under the lock.</summary>
    internal RevisionPin PinLocked(long revision)
    {
        _pins[revision] = _pins.GetValueOrDefault(revision) + 1;
        return new RevisionPin(this, revision);
    }

    /// <summary>Puts a version that a snapshot holds: in the order of keys, and for each key the oldest first. Before
    /// anybody reads.</summary>
    internal KeyVersion Load(byte[] bytes, int keyLength, in VersionStamp stamp)
    {
        var previous = _tree.Locate(bytes.AsSpan(0, keyLength));
        var version = KeyVersion.Restore(bytes, keyLength, stamp, previous);
        _tree.Set(previous, version);
        _sizeBytes += version.SizeBytes;
        return version;
    }

    /// <summary>Ends the loading of a snapshot.</summary>
    /// <param name="revision">The store's revision.</param>
    /// <param name="compacted">The compacted one.</param>
    /// <param name="history">What happened since then, in the order of revisions.</param>
    internal void EndLoad(long revision, long compacted, ReadOnlySpan<KeyVersion> history)
    {
        _revision = revision;
        _compacted = compacted;
        foreach (var version in history)
        {
            _history.Add(version);
        }

        // What the compacted revision hides is not in a snapshot, so up to there nothing is left to free.
        _pruned = _history.PlaceOf(compacted + 1);
    }

    private void Delete(ReadOnlySpan<byte> key, List<KeyVersion> deleted)
    {
        if (_tree.Locate(key) is { IsTombstone: false } previous)
        {
            Append(previous, KeyVersion.Tombstone(previous, _revision + 1, _written));
            deleted.Add(previous);
        }
    }

    private void Append(KeyVersion? previous, KeyVersion version)
    {
        _tree.Set(previous, version);
        _history.Add(version);
        _written++;
        Volatile.Write(ref _sizeBytes, _sizeBytes + version.SizeBytes);
    }

    /// <summary>Frees what the version hides, now that nobody reads below it.</summary>
    private void Free(KeyVersion version)
    {
        if (version.Previous is { } hidden)
        {
            _sizeBytes -= hidden.SizeBytes;
            version.CutPrevious();
        }

        // A tombstone with a newer version above it goes when that one is looked at.
        if (version.IsTombstone && ReferenceEquals(_tree.Locate(version.Key), version))
        {
            _tree.Remove(version);
            _sizeBytes -= version.SizeBytes;
        }
    }

    private long LowestPin()
    {
        foreach (var pin in _pins)
        {
            return pin.Key;
        }

        return long.MaxValue;
    }

    private void UnpinLocked(long revision)
    {
        var left = _pins[revision] - 1;
        if (left == 0)
        {
            _pins.Remove(revision);
        }
        else
        {
            _pins[revision] = left;
        }
    }
}
