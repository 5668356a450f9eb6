using Lepton.Raft.Disk;
using Lepton.Raft.Log;

namespace Lepton.Raft.Tests.Hosting;

/// <summary>A log on a disk that has no room for entries when the test wants it.</summary>
internal sealed class FullLog(IRaftLog log) : IRaftLog
{
    public bool IsFull { get; set; }

    public SnapshotMeta Snapshot => log.Snapshot;

    public LogIndex FirstIndex => log.FirstIndex;

    public LogIndex LastIndex => log.LastIndex;

    public HardState HardState => log.HardState;

    public LogDamage? Damage => log.Damage;

    public Term? TermOf(LogIndex index) => log.TermOf(index);

    public IReadOnlyList<LogEntry> Read(LogIndex from, LogIndex to, long bytesMax) => log.Read(from, to, bytesMax);

    public void Append(IReadOnlyList<LogEntry> entries, HardState? hardState)
    {
        if (IsFull && entries.Count > 0)
        {
            throw new DiskFullException("The log finds no room: a fault of the test's.");
        }

        log.Append(entries, hardState);
    }

    public void Sync() => log.Sync();

    public void TakeSnapshot(SnapshotMeta snapshot, LogIndex keepFrom) => log.TakeSnapshot(snapshot, keepFrom);

    public void Dispose() => log.Dispose();
}
