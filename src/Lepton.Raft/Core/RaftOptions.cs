namespace Lepton.Raft.Core;

/// <summary>What a core is made with. Times are in ticks, whose length is the host's.</summary>
public sealed record RaftOptions
{
    /// <summary>This node.</summary>
    public required NodeId Id { get; init; }

    /// <summary>
    /// Where the node's random choices come from, and what tells its starts apart: it must differ at each start.
    /// </summary>
    public required ulong Seed { get; init; }

    /// <summary>
    /// How long a follower waits for a leader at least; the time is drawn from this up to twice as long. A leader that
    /// did not hear from a quorum for this long steps down. At least 3, and above <see cref="HeartbeatTicks"/>.
    /// </summary>
    public int ElectionTicks { get; init; } = 10;

    /// <summary>How often a leader shows itself. At least 1.</summary>
    public int HeartbeatTicks { get; init; } = 1;

    /// <summary>Entries in one message hold this many bytes at most, but for a single larger one.</summary>
    public long AppendBytesMax { get; init; } = 1 << 20;

    /// <summary>Messages with entries that a follower may owe an answer to. At least 1.</summary>
    public int InflightMessagesMax { get; init; } = 128;

    /// <summary>Bytes of entries that a follower may owe an answer to, but for a single larger message.</summary>
    public long InflightBytesMax { get; init; } = 16 << 20;

    /// <summary>Bytes of the leader's entries that are not committed; beyond, proposals are refused.</summary>
    public long UncommittedBytesMax { get; init; } = 64 << 20;

    /// <summary>Bytes of committed entries given to the host in one turn, but for a single larger one.</summary>
    public long CommittedBytesMax { get; init; } = 4 << 20;

    /// <summary>
    /// Bytes of entries kept in memory after they are durable and given out, for followers close behind.
    /// </summary>
    public long TailBytesMax { get; init; } = 2 << 20;

    /// <summary>Bytes of a snapshot sent in one message. At least 1.</summary>
    public int SnapshotChunkBytes { get; init; } = 1 << 20;

    /// <summary>Reads that may wait for confirmation; beyond, they are refused.</summary>
    public int PendingReadsMax { get; init; } = 65_536;

    /// <summary>A learner that lags this many entries or fewer can be promoted.</summary>
    public long PromotionLagMax { get; init; } = 1_000;

    /// <summary>
    /// Whether voters come and go only where a majority of those who would vote then have answered the leader within
    /// the last <see cref="ElectionTicks"/>. Without it, one removal too many stops a cluster some of whose members are
    /// down.
    /// </summary>
    public bool StrictReconfiguration { get; init; } = true;

    /// <summary>
    /// Whether a leader answers reads without asking, for as long after it was last confirmed as no other can be
    /// elected. Only as good as the clocks: a tick must last about as long on every node (Raft thesis §6.4.1), and no
    /// process may be held up for longer than <see cref="LeaseDriftTicks"/>, since a host gives a node that missed
    /// ticks one of them.
    /// </summary>
    public bool LeaseReads { get; init; }

    /// <summary>
    /// By how many ticks a lease is cut for clocks that run apart. Below <see cref="ElectionTicks"/>.
    /// </summary>
    public int LeaseDriftTicks { get; init; } = 2;

    /// <summary>All that is wrong with these options; empty where nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> faults = [];
        void Demand(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }

        Demand(Id != NodeId.None, $"{nameof(Id)} is 0, which is nobody: give the node an id above 0.");
        Demand(HeartbeatTicks >= 1, $"{nameof(HeartbeatTicks)} is {HeartbeatTicks}: it must be 1 or more.");
        Demand(
            ElectionTicks >= 3 && ElectionTicks > HeartbeatTicks,
            $"{nameof(ElectionTicks)} is {ElectionTicks}: it must be 3 or more, and above {nameof(HeartbeatTicks)}.");
        Demand(
            LeaseDriftTicks >= 0 && LeaseDriftTicks < ElectionTicks,
            $"{nameof(LeaseDriftTicks)} is {LeaseDriftTicks}: it must be 0 or more and below {nameof(ElectionTicks)}.");
        Demand(InflightMessagesMax >= 1, $"{nameof(InflightMessagesMax)} is {InflightMessagesMax}: at least 1.");
        Demand(SnapshotChunkBytes >= 1, $"{nameof(SnapshotChunkBytes)} is {SnapshotChunkBytes}: at least 1.");
        Demand(PendingReadsMax >= 1, $"{nameof(PendingReadsMax)} is {PendingReadsMax}: at least 1.");
        Demand(PromotionLagMax >= 0, $"{nameof(PromotionLagMax)} is {PromotionLagMax}: 0 or more.");
        Demand(AppendBytesMax >= 1, $"{nameof(AppendBytesMax)} is {AppendBytesMax}: at least 1.");
        Demand(InflightBytesMax >= 1, $"{nameof(InflightBytesMax)} is {InflightBytesMax}: at least 1.");
        Demand(UncommittedBytesMax >= 1, $"{nameof(UncommittedBytesMax)} is {UncommittedBytesMax}: at least 1.");
        Demand(CommittedBytesMax >= 1, $"{nameof(CommittedBytesMax)} is {CommittedBytesMax}: at least 1.");
        Demand(TailBytesMax >= 0, $"{nameof(TailBytesMax)} is {TailBytesMax}: 0 or more.");
        return faults;
    }
}
