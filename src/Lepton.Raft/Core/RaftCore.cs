using Lepton.Raft.Hosting;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>
/// The consensus of one node (Raft paper; thesis §3 to §6, §9.6): synchronous and pure, without task, clock, socket,
/// disk or log. The host feeds inputs, any number of them, then takes a turn's effects with
/// <see cref="TakeEffects"/> and carries them out, again and again until there are none. Not thread safe.
/// </summary>
public sealed class RaftCore
{
    /// <summary>Starts a node from what its disk holds.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="log">Its log, of which the core reads what is durable; the host appends to it meanwhile.</param>
    /// <param name="hardState">What it promised.</param>
    /// <param name="applied">Up to where its state machine has applied already; entries behind it are given out.</param>
    /// <param name="damage">What of its log it can't read any more; null where nothing is lost.</param>
    /// <exception cref="ArgumentException">The options are wrong; all faults are told.</exception>
    public RaftCore(RaftOptions options, ILogReader log, HardState hardState, LogIndex applied, LogDamage? damage)
    {
    }

    /// <summary>This node.</summary>
    public NodeId Id { get; }

    /// <summary>Its term.</summary>
    public Term Term { get; }

    /// <summary>The leader of the term, as far as known.</summary>
    public NodeId Leader { get; }

    /// <summary>What it is at present.</summary>
    public RaftRole Role { get; }

    /// <summary>What it knows to be committed.</summary>
    public LogIndex Commit { get; }

    /// <summary>The last entry, durable or not.</summary>
    public LogIndex LastIndex { get; }

    /// <summary>The membership in force: the latest one in the log, committed or not.</summary>
    public ClusterMembership Membership { get; } = ClusterMembership.Empty;

    /// <summary>To whom this leader is handing over, or nobody.</summary>
    public NodeId TransferTarget { get; }

    /// <summary>Whether entries, or promises, were lost and are not yet made good: the node does not vote.</summary>
    public bool IsDamaged { get; }

    /// <summary>Whether the node was told that its disk is full.</summary>
    public bool IsDiskFull { get; }

    /// <summary>Time passes.</summary>
    public void Tick() => throw new NotImplementedException();

    /// <summary>A message has come.</summary>
    public void Step(RaftMessage message) => throw new NotImplementedException();

    /// <summary>Has a command put into the log: here by a leader, else by way of the leader.</summary>
    /// <param name="id">The host's number for it, by which <see cref="RaftEffects.Outcomes"/> tell of its refusal.</param>
    /// <param name="command">The command; the core keeps the bytes.</param>
    /// <returns>Why it is refused at once; null where it is in the log or on its way to the leader.</returns>
    public ConsensusFailure? Propose(ulong id, ReadOnlyMemory<byte> command) => throw new NotImplementedException();

    /// <summary>Has a linearizable read confirmed; ends in a confirmed or a failed read.</summary>
    /// <param name="context">The host's number for it, never used for another read that is under way.</param>
    /// <returns>Why it is refused at once; null where it is under way.</returns>
    public ConsensusFailure? ReadIndex(ulong context) => throw new NotImplementedException();

    /// <summary>Changes the membership: here by a leader, else by way of the leader.</summary>
    /// <param name="id">The host's number for it, by which <see cref="RaftEffects.Outcomes"/> tell of it.</param>
    /// <param name="change">The change.</param>
    /// <returns>Why it is refused at once; null where it is in the log or on its way to the leader.</returns>
    public ConsensusFailure? ChangeMembership(ulong id, MembershipChange change) => throw new NotImplementedException();

    /// <summary>
    /// Hands leadership over. Done when <see cref="Leader"/> is the other one, given up when
    /// <see cref="TransferTarget"/> is nobody again and this node still leads.
    /// </summary>
    /// <returns>Why it is refused; null where it is under way.</returns>
    public ConsensusFailure? TransferLeadership(NodeId successor) => throw new NotImplementedException();

    /// <summary>A turn's write is durable, and so are all before it.</summary>
    /// <param name="mark">The <see cref="RaftEffects.Mark"/> of that turn.</param>
    public void Persisted(DurabilityMark mark) => throw new NotImplementedException();

    /// <summary>
    /// A turn's write was refused for want of room, and nothing of it was written; its
    /// <see cref="RaftEffects.MessagesAfterDurable"/> are not to be sent. The core keeps what it has and gives it out again when
    /// there is room.
    /// </summary>
    /// <param name="mark">The <see cref="RaftEffects.Mark"/> of that turn.</param>
    public void DiskFull(DurabilityMark mark) => throw new NotImplementedException();

    /// <summary>There is room on the disk again.</summary>
    public void DiskSpaceBack() => throw new NotImplementedException();

    /// <summary>The way to a peer is broken; what was sent last may not have come.</summary>
    public void PeerUnreachable(NodeId peer) => throw new NotImplementedException();

    /// <summary>A piece of a snapshot that <see cref="SnapshotRead"/> asked for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="data">The bytes; null where the snapshot is not there any more.</param>
    public void SnapshotChunkRead(SnapshotRead request, ReadOnlyMemory<byte>? data) =>
        throw new NotImplementedException();

    /// <summary>A received piece was dealt with.</summary>
    /// <param name="meta">The snapshot.</param>
    /// <param name="offsetWanted">How much of it the host has; all of it, when it is to be installed.</param>
    public void SnapshotChunkWritten(SnapshotMeta meta, long offsetWanted) => throw new NotImplementedException();

    /// <summary>A snapshot is in the log and in the state machine, durably.</summary>
    public void SnapshotInstalled(SnapshotMeta meta) => throw new NotImplementedException();

    /// <summary>A received snapshot is no good; it is to be sent again from its start.</summary>
    public void SnapshotRefused(SnapshotMeta meta) => throw new NotImplementedException();

    /// <summary>Ends the turn: what is to be done for all inputs since the last one.</summary>
    public RaftEffects TakeEffects() => throw new NotImplementedException();
}
