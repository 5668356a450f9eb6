using System.Globalization;
using Lepton.Core.Hashing;
using Lepton.Raft.Disk;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Log;

/// <summary>
/// The snapshots of a node: the newest two, each one file that appears whole or not at all. Thread safe; writers,
/// readers and receivers are used by one thread each.
/// </summary>
public sealed class SnapshotStore
{
    private const int Kept = 2;
    private readonly Lock _lock = new();
    private readonly IDisk _disk;
    private readonly ulong _cluster;
    private readonly List<SnapshotMeta> _finished = [];
    private readonly List<SnapshotDamage> _damaged = [];

    private SnapshotStore(IDisk disk, ulong cluster)
    {
        _disk = disk;
        _cluster = cluster;
    }

    /// <summary>The newest snapshot that can be used, or <see cref="SnapshotMeta.None"/>.</summary>
    public SnapshotMeta Latest
    {
        get
        {
            lock (_lock)
            {
                return _finished.Count > 0 ? _finished[^1] : SnapshotMeta.None;
            }
        }
    }

    /// <summary>Files that were found damaged when the store was opened, and are not used.</summary>
    public IReadOnlyList<SnapshotDamage> Damaged
    {
        get
        {
            lock (_lock)
            {
                return [.. _damaged];
            }
        }
    }

    /// <summary>
    /// Opens the snapshots of a directory and reads the newest one to its end; where it is damaged, the one before
    /// takes its place. Removes what was never finished.
    /// </summary>
    /// <param name="disk">The directory, which may be the log's as well; it stays the caller's.</param>
    /// <param name="identity">Whose they are.</param>
    /// <exception cref="DataDirectoryException">They are another cluster's, or of a newer format.</exception>
    public static SnapshotStore Open(IDisk disk, LogIdentity identity)
    {
        SnapshotStore store = new(disk, identity.Cluster);
        store.ReadNames();
        store.RemoveUnfinished();
        return store;
    }

    /// <summary>Starts to write a snapshot of this node's own.</summary>
    /// <exception cref="DiskFullException">There is no room.</exception>
    public SnapshotOutputStream Create(LogIndex index, Term term, ClusterMembership membership)
    {
        SnapshotMeta meta = new(index, term, membership, 0);
        string name = SnapshotHeader.NameOf(meta, SnapshotHeader.WrittenSuffix);
        int headBytes = new SnapshotHeader(_cluster, meta).Write().Length;
        IDiskFile file = _disk.Create(name, headBytes);
        return new SnapshotOutputStream(this, _cluster, meta, name, file, Chunks(name, file, headBytes, meta));
    }

    /// <summary>Opens a snapshot; null where it is not kept any more.</summary>
    public SnapshotReader? TryOpen(SnapshotMeta meta)
    {
        lock (_lock)
        {
            SnapshotMeta? there = _finished.Find(item => item.Index == meta.Index && item.Term == meta.Term);
            if (there is null)
            {
                return null;
            }

            string name = SnapshotHeader.NameOf(there, SnapshotHeader.FinishedSuffix);
            IDiskFile file = _disk.Open(name);
            int headBytes = new SnapshotHeader(_cluster, there).Write().Length;
            return new SnapshotReader(there, file, Chunks(name, file, headBytes, there));
        }
    }

    /// <summary>
    /// Starts to receive a snapshot, or goes on with it where part of it is here. Parts of other snapshots are removed.
    /// </summary>
    /// <exception cref="DiskFullException">There is no room.</exception>
    public SnapshotReceiver Receive(SnapshotMeta meta)
    {
        SnapshotHeader header = new(_cluster, meta);
        byte[] head = header.Write();
        string name = SnapshotHeader.NameOf(meta, SnapshotHeader.ReceivedSuffix);
        bool isThere = false;
        foreach (string other in _disk.List())
        {
            bool isIt = string.Equals(other, name, StringComparison.Ordinal) && HeaderOf(other) is { } found
                && found.Write().AsSpan().SequenceEqual(head);
            isThere |= isIt;
            if (!isIt && SnapshotHeader.IsName(other, SnapshotHeader.ReceivedSuffix))
            {
                _disk.Delete(other);
            }
        }

        IDiskFile file = isThere ? _disk.Open(name) : _disk.Create(name, head.Length);
        SnapshotChunks chunks = Chunks(name, file, head.Length, meta);
        long pieces = 0;
        if (isThere)
        {
            while ((pieces + 1) * SnapshotChunks.PayloadBytes <= meta.Bytes
                && chunks.TryRead(pieces, out ReadOnlySpan<byte> payload)
                && payload.Length == SnapshotChunks.PayloadBytes)
            {
                // Written again: a process before this one may have failed to flush it, and it would be flushed no
                // more.
                chunks.Write(pieces, payload);
                pieces++;
            }
        }
        else
        {
            file.Write(0, head);
        }

        return new SnapshotReceiver(this, header, name, file, chunks, pieces);
    }

    /// <summary>Gives a finished file its name, for good, and drops the oldest.</summary>
    internal void Finish(string name, SnapshotMeta meta)
    {
        lock (_lock)
        {
            string finished = SnapshotHeader.NameOf(meta, SnapshotHeader.FinishedSuffix);
            _disk.Rename(name, finished);
            _disk.SyncDirectory();

            // Where it took the place of a damaged one, that is gone: its name stands for a good one now.
            _damaged.RemoveAll(item => string.Equals(item.Name, finished, StringComparison.Ordinal));
            _finished.RemoveAll(item => item.Index == meta.Index && item.Term == meta.Term);
            _finished.Add(meta);
            _finished.Sort((left, right) => left.Index.CompareTo(right.Index));
            while (_finished.Count > Kept)
            {
                _disk.Delete(SnapshotHeader.NameOf(_finished[0], SnapshotHeader.FinishedSuffix));
                _finished.RemoveAt(0);
            }

            RemoveDamaged();
        }
    }

    /// <summary>Removes a file that will not be finished.</summary>
    internal void Abandon(string name) => _disk.Delete(name);

    private void ReadNames()
    {
        foreach (string name in _disk.List())
        {
            if (!SnapshotHeader.IsName(name, SnapshotHeader.FinishedSuffix))
            {
                continue;
            }

            SnapshotHeader? header = HeaderOf(name);
            string expected = SnapshotHeader.NameOf(header?.Meta ?? SnapshotMeta.None, SnapshotHeader.FinishedSuffix);
            if (header is null || !string.Equals(expected, name, StringComparison.Ordinal))
            {
                _damaged.Add(new SnapshotDamage(name, "its head can't be read"));
                continue;
            }

            _finished.Add(header.Meta);
        }

        while (_finished.Count > 0 && !IsWhole(_finished[^1]))
        {
            string name = SnapshotHeader.NameOf(_finished[^1], SnapshotHeader.FinishedSuffix);
            _damaged.Add(new SnapshotDamage(name, "a checksum of its data is wrong"));
            _finished.RemoveAt(_finished.Count - 1);
        }
    }

    private bool IsWhole(SnapshotMeta meta)
    {
        try
        {
            SnapshotHeader header = new(_cluster, meta);
            using IDiskFile file = _disk.Open(SnapshotHeader.NameOf(meta, SnapshotHeader.FinishedSuffix));
            return Chunks("", file, header.Write().Length, meta).Verify(header.Seed(), meta.Bytes);
        }
        catch (DiskFailedException)
        {
            // Unreadable is as good as damaged: there may be an older one.
            return false;
        }
    }

    private void RemoveUnfinished()
    {
        SnapshotMeta latest = Latest;
        foreach (string name in _disk.List())
        {
            bool unfinished = SnapshotHeader.IsName(name, SnapshotHeader.WrittenSuffix);
            bool received = SnapshotHeader.IsName(name, SnapshotHeader.ReceivedSuffix);
            if (unfinished || (received && !(HeaderOf(name) is { } header && header.Meta.Index > latest.Index)))
            {
                _disk.Delete(name);
            }
        }
    }

    private void RemoveDamaged()
    {
        // Once there are two good ones again, nobody will want to look at what is left of a bad one.
        if (_finished.Count == Kept)
        {
            _damaged.ForEach(item => _disk.Delete(item.Name));
            _damaged.Clear();
        }
    }

    private SnapshotHeader? HeaderOf(string name)
    {
        SnapshotHeader? header;
        uint version;
        try
        {
            using IDiskFile file = _disk.Open(name);
            header = SnapshotHeader.Read(bytes => file.Read(0, bytes.Span), out version);
        }
        catch (DiskFailedException)
        {
            // Unreadable is as good as damaged.
            return null;
        }

        string path = Path.Combine(_disk.Path, name);
        if (version != SnapshotHeader.Version)
        {
            throw new DataDirectoryException(
                $"{path} was written in format {version}, and this version of Lepton knows format " +
                $"{SnapshotHeader.Version}. Start the node with the version that wrote it, or a newer one; " +
                "nothing was changed.");
        }

        if (header is not null && header.Cluster != _cluster)
        {
            throw new DataDirectoryException(
                $"{path} is a snapshot of cluster {Hex(header.Cluster)}, and this node was started for cluster " +
                $"{Hex(_cluster)}. Start it with the settings of its own cluster, or give it another data " +
                "directory; nothing was changed.");
        }

        return header;
    }

    private static string Hex(ulong id) => id.ToString("x", CultureInfo.InvariantCulture);

    private SnapshotChunks Chunks(string name, IDiskFile file, int headBytes, SnapshotMeta meta) =>
        new(
            _disk,
            name,
            file,
            headBytes,
            StableHash.Combine(StableHash.Combine(_cluster, (ulong)meta.Index.Value), (ulong)meta.Term.Value));
}
