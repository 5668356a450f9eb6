namespace Lepton.Raft.Core;

/// <summary>How a leader sends to a follower.</summary>
internal enum ReplicationState
{
    /// <summary>One message at a time, until it is known where the logs agree.</summary>
    Probe,

    /// <summary>One message behind the other, ahead of the answers.</summary>
    Replicate,

    /// <summary>A snapshot, since the log does not reach back far enough.</summary>
    Snapshot,
}
