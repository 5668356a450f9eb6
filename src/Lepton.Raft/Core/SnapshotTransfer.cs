namespace Lepton.Raft.Core;

/// <summary>A snapshot on its way to a follower, one piece at a time.</summary>
internal sealed class SnapshotTransfer(SnapshotMeta meta, long now)
{
    public SnapshotMeta Meta => meta;

    public bool IsOf(LogIndex index, Term term) => meta.Index == index && meta.Term == term;

    /// <summary>What the follower wants next.</summary>
    public long Offset { get; set; }

    /// <summary>Whether the host has been asked for the piece.</summary>
    public bool IsReading { get; set; }

    /// <summary>When something was last sent.</summary>
    public long SentAt { get; set; } = now;
}
