using Lepton.Raft;
using Lepton.Raft.Log;

namespace Lepton.Simulation.World;

/// <summary>A node's log, with every entry that it takes, or has after a start, told to the truth.</summary>
internal sealed class ObservedLog : IRaftLog
{
    private readonly IRaftLog _log;
    private readonly NodeId _node;
    private readonly ClusterTruth _truth;

    public ObservedLog(IRaftLog log, NodeId node, ClusterTruth truth)
    {
        (_log, _node, _truth) = (log, node, truth);
        for (LogIndex from = log.FirstIndex; from <= log.LastIndex;)
        {
            IReadOnlyList<LogEntry> found = log.Read(from, log.LastIndex.Next, long.MaxValue);
            Tell(found, isNew: false);
            from = found[^1].Index.Next;
        }
    }

    public SnapshotMeta Snapshot => _log.Snapshot;

    public LogIndex FirstIndex => _log.FirstIndex;

    public LogIndex LastIndex => _log.LastIndex;

    public HardState HardState => _log.HardState;

    public LogDamage? Damage => _log.Damage;

    public Term? TermOf(LogIndex index) => _log.TermOf(index);

    public IReadOnlyList<LogEntry> Read(LogIndex from, LogIndex to, long bytesMax) => _log.Read(from, to, bytesMax);

    public void Append(IReadOnlyList<LogEntry> entries, HardState? hardState)
    {
        Tell(entries, isNew: true);
        _log.Append(entries, hardState);
    }

    public void Sync() => _log.Sync();

    public void TakeSnapshot(SnapshotMeta snapshot, LogIndex keepFrom) => _log.TakeSnapshot(snapshot, keepFrom);

    public void Dispose() => _log.Dispose();

    private void Tell(IReadOnlyList<LogEntry> entries, bool isNew)
    {
        Term? before = entries.Count == 0 ? null : _log.TermOf(entries[0].Index.Previous);
        foreach (LogEntry entry in entries)
        {
            _truth.Holds(_node, entry, before, isNew);
            before = entry.Term;
        }
    }
}
