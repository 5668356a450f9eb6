namespace Lepton.Raft.Log;

/// <summary>The log of one node on its disk. Used by one thread.</summary>
public interface IRaftLog : ILogReader, IDisposable
{
    /// <summary>What the node must never forget, as last written.</summary>
    HardState HardState { get; }

    /// <summary>What was found damaged, until the entries have been written again; null where nothing is.</summary>
    LogDamage? Damage { get; }

    /// <summary>
    /// Writes entries, and the hard state if given, in one step. The first entry follows
    /// <see cref="ILogReader.LastIndex"/> or replaces the entries from its index on. They can be read at once and are
    /// durable after <see cref="Sync"/>.
    /// </summary>
    /// <exception cref="Disk.DiskFullException">
    /// There is no room; nothing was written and the log is as before. Hard states alone, and entries other than
    /// commands, still find room for a while.
    /// </exception>
    /// <exception cref="Disk.DiskFailedException">The disk can't be trusted any more; the node must stop.</exception>
    void Append(IReadOnlyList<LogEntry> entries, HardState? hardState);

    /// <summary>Returns when everything appended is on the disk.</summary>
    /// <exception cref="Disk.DiskFailedException">It may not be; the node must stop, and never ask again.</exception>
    void Sync();

    /// <summary>
    /// Takes note of a snapshot that is durable in the store of snapshots. Entries up to <paramref name="keepFrom"/>
    /// may be dropped; where the log does not reach the snapshot, or holds another entry at its index, all its entries
    /// are.
    /// </summary>
    void TakeSnapshot(SnapshotMeta snapshot, LogIndex keepFrom);
}
