namespace Lepton.Raft.Log;

/// <summary>
/// The durable part of the log as the core reads it: a snapshot's prefix, then entries without a gap.
/// </summary>
public interface ILogReader
{
    /// <summary>
    /// The latest snapshot. <see cref="FirstIndex"/> is at most one past it; entries may reach further back.
    /// </summary>
    SnapshotMeta Snapshot { get; }

    /// <summary>The first entry that can be read; one past <see cref="LastIndex"/> where there is none.</summary>
    LogIndex FirstIndex { get; }

    /// <summary>The last entry; the snapshot's index where there is none.</summary>
    LogIndex LastIndex { get; }

    /// <summary>
    /// The term of an entry, or of the entry just before <see cref="FirstIndex"/>; null for any other index.
    /// </summary>
    Term? TermOf(LogIndex index);

    /// <summary>
    /// Entries from <paramref name="from"/> on, below <paramref name="to"/>: at least one, then as many as fit into
    /// <paramref name="bytesMax"/> of data.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The log holds no such entries.</exception>
    IReadOnlyList<LogEntry> Read(LogIndex from, LogIndex to, long bytesMax);
}
