using Lepton.Raft.Core;
using Lepton.Raft.Log;

namespace Lepton.Raft.Tests.Cluster;

/// <summary>A log on a disk that remembers, after a crash, only what was synced.</summary>
internal sealed class MemoryLog : ILogReader
{
    private readonly Queue<(RaftEffects Effects, LogEntry[] Entries, HardState HardState)> _unsynced = new();
    private List<LogEntry> _entries = [];
    private List<LogEntry> _durableEntries = [];
    private LogIndex _base;
    private Term _baseTerm;

    public HardState HardState { get; private set; }

    public HardState DurableHardState { get; private set; }

    public LogDamage? Damage { get; set; }

    public SnapshotMeta Snapshot { get; private set; } = SnapshotMeta.None;

    public LogIndex FirstIndex => _base.Next;

    public LogIndex LastIndex => _base + _entries.Count;

    /// <summary>Writes under way, oldest first.</summary>
    public int Unsynced => _unsynced.Count;

    /// <summary>What a crash would leave.</summary>
    public IReadOnlyList<LogEntry> Durable => _durableEntries;

    public void Bootstrap(LogEntry first, HardState hardState)
    {
        _entries = [first];
        _durableEntries = [first];
        HardState = DurableHardState = hardState;
    }

    public Term? TermOf(LogIndex index) => index == _base ? _baseTerm
        : index > _base && index <= LastIndex ? _entries[(int)(index - FirstIndex)].Term
        : null;

    public Term DurableTermOf(LogIndex index) =>
        index == _base ? _baseTerm : _durableEntries[(int)(index - FirstIndex)].Term;

    public IReadOnlyList<LogEntry> Read(LogIndex from, LogIndex to, long bytesMax)
    {
        if (from < FirstIndex || from >= to || to > LastIndex.Next)
        {
            throw new ArgumentOutOfRangeException(
                nameof(from), $"{from} to {to} was asked for; the log holds {FirstIndex} to {LastIndex}.");
        }

        List<LogEntry> read = [];
        long bytes = 0;
        for (LogIndex index = from; index < to; index = index.Next)
        {
            LogEntry entry = _entries[(int)(index - FirstIndex)];
            bytes += entry.Data.Length;
            if (read.Count > 0 && bytes > bytesMax)
            {
                break;
            }

            read.Add(entry);
        }

        return read;
    }

    public LogEntry EntryAt(LogIndex index) => _entries[(int)(index - FirstIndex)];

    public void Append(RaftEffects effects)
    {
        _entries = Joined(_entries, effects.Entries);
        HardState = effects.HardState ?? HardState;
        _unsynced.Enqueue((effects, [.. effects.Entries], HardState));
    }

    /// <summary>Makes the oldest write durable and returns its turn.</summary>
    public RaftEffects SyncOne()
    {
        (RaftEffects effects, LogEntry[] entries, HardState hardState) = _unsynced.Dequeue();
        _durableEntries = Joined(_durableEntries, entries);
        DurableHardState = hardState;
        return effects;
    }

    public bool IsUnsynced(RaftEffects turn) => _unsynced.Any(write => write.Effects == turn);

    public void Crash()
    {
        _unsynced.Clear();
        _entries = [.. _durableEntries];
        HardState = DurableHardState;
    }

    /// <summary>Cuts durable entries off, as a scan does that can't read them.</summary>
    public void Lose(LogIndex from, bool loseHardState)
    {
        Damage = new LogDamage(from, LastIndex, loseHardState);
        _entries = _entries[..(int)(from - FirstIndex)];
        _durableEntries = [.. _entries];
        if (loseHardState)
        {
            HardState = DurableHardState = new HardState(
                TermOf(LastIndex) ?? Term.Zero, NodeId.None, Snapshot.Index);
        }
    }

    /// <summary>
    /// Loses all that was written since the log was <paramref name="before"/>, but for the promises: entries that were
    /// replaced since then come back, as a scan finds them that can't read the later ones.
    /// </summary>
    public void LoseSince(IReadOnlyList<LogEntry> before, LogIndex commitThen)
    {
        LogIndex last = LastIndex;
        _entries = [.. before];
        _durableEntries = [.. before];
        LogIndex lost = LastIndex.Next;
        Damage = new LogDamage(lost, last > lost ? last : lost, HardStateLost: false);
        HardState = DurableHardState = DurableHardState with { Commit = commitThen };
    }

    public void TakeSnapshot(SnapshotMeta snapshot, LogIndex keepFrom)
    {
        bool isInLog = TermOf(snapshot.Index) == snapshot.Term;
        Snapshot = snapshot;
        if (!isInLog)
        {
            _unsynced.Clear();
            (_base, _baseTerm) = (snapshot.Index, snapshot.Term);
            _entries = [];
            _durableEntries = [];
            return;
        }

        LogIndex last = keepFrom.Previous < snapshot.Index ? keepFrom.Previous : snapshot.Index;
        if (last > _base)
        {
            int drop = (int)(last - _base);
            _baseTerm = TermOf(last)!.Value;
            _base = last;
            _entries = _entries[drop..];
            _durableEntries = _durableEntries[drop..];
        }
    }

    private List<LogEntry> Joined(List<LogEntry> entries, IReadOnlyList<LogEntry> more)
    {
        if (more.Count == 0)
        {
            return entries;
        }

        int keep = (int)(more[0].Index - FirstIndex);
        Assert.InRange(keep, 0, entries.Count);
        return [.. entries.Take(keep), .. more];
    }
}
