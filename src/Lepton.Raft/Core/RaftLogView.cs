using Lepton.Core;
using Lepton.Raft.Log;

namespace Lepton.Raft.Core;

/// <summary>
/// The whole log as the protocol sees it: the disk's part, the tail in memory, and what is committed.
/// </summary>
internal sealed class RaftLogView
{
    private readonly ILogReader _disk;

    public RaftLogView(ILogReader disk, LogIndex commit, LogIndex applied)
    {
        _disk = disk;
        Tail = new LogTail(disk.LastIndex);
        Commit = commit;
        Delivered = applied;
        Invariant.Check(disk.FirstIndex <= disk.Snapshot.Index.Next);
        Invariant.Check(disk.Snapshot.Index <= disk.LastIndex);
        Invariant.Check(commit >= disk.Snapshot.Index && commit <= disk.LastIndex);
        Invariant.Check(applied >= disk.Snapshot.Index);
    }

    public LogTail Tail { get; }

    public SnapshotMeta Snapshot => _disk.Snapshot;

    public LogIndex LastIndex => Tail.Last;

    public Term LastTerm => TermOf(LastIndex) ?? throw new InvalidOperationException(
        $"The log does not know the term of its last entry, {LastIndex}.");

    public LogIndex Commit { get; private set; }

    /// <summary>Up to here committed entries were given to the host.</summary>
    public LogIndex Delivered { get; private set; }

    /// <summary>The term of an entry, or of the one just before the first that is there; null for any other.</summary>
    public Term? TermOf(LogIndex index)
    {
        if (index >= Tail.First)
        {
            return index <= Tail.Last ? Tail[index].Term : null;
        }

        return _disk.TermOf(index);
    }

    /// <summary>Whether the entries from an index on can be read.</summary>
    public bool Holds(LogIndex from) => from >= Tail.First || from >= _disk.FirstIndex;

    /// <summary>
    /// Entries from <paramref name="from"/> on, below <paramref name="to"/>: at least one, then by bytes.
    /// </summary>
    public IReadOnlyList<LogEntry> Read(LogIndex from, LogIndex to, long bytesMax)
    {
        if (from >= Tail.First)
        {
            return Tail.Read(from, to, bytesMax);
        }

        return _disk.Read(from, to < Tail.First ? to : Tail.First, bytesMax);
    }

    public void Append(LogEntry entry) => Tail.Append(entry);

    /// <summary>Forgets the entries from <paramref name="from"/> on, which the leader does not have.</summary>
    public void Truncate(LogIndex from)
    {
        Invariant.Check(from > Commit);
        Tail.Truncate(from);
    }

    public void CommitTo(LogIndex index)
    {
        Invariant.Check(index >= Commit);
        Invariant.Check(index <= LastIndex);
        Commit = index;
    }

    /// <summary>The next committed entries that are durable here, for the host to apply.</summary>
    public IReadOnlyList<LogEntry> Deliver(long bytesMax)
    {
        LogIndex end = Commit < Tail.Durable ? Commit : Tail.Durable;
        if (end <= Delivered)
        {
            return [];
        }

        IReadOnlyList<LogEntry> entries = Read(Delivered.Next, end.Next, bytesMax);
        Invariant.Check(entries[0].Index == Delivered.Next);
        Delivered = entries[^1].Index;
        return entries;
    }

    /// <summary>The log begins anew behind a snapshot that the host has installed.</summary>
    public void Restart(LogIndex snapshot)
    {
        Invariant.Check(snapshot > Commit);
        Tail.Reset(snapshot);
        Commit = snapshot;
        Delivered = snapshot > Delivered ? snapshot : Delivered;
    }
}
