using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>
/// What a turn of the core asks of its host, in this order: send <see cref="Messages"/>; write <see cref="Entries"/>
/// and <see cref="HardState"/>, and call <see cref="RaftCore.Persisted"/> once they are durable; then send
/// <see cref="MessagesAfterDurable"/>. The rest can be done at any time after the effects of earlier turns. It belongs
/// to the host, which may keep it; the core never changes it again.
/// </summary>
public sealed class RaftEffects
{
    /// <summary>Nothing to do; one object for all turns in which nothing happened.</summary>
    internal static RaftEffects None { get; } = new();

    /// <summary>What must be made durable of the node's promises; null where nothing changed that must be.</summary>
    public HardState? HardState { get; internal init; }

    /// <summary>Entries to write. The first follows the log's last, or replaces all from its index on.</summary>
    public IReadOnlyList<LogEntry> Entries { get; internal init; } = [];

    /// <summary>Whether there is anything to write.</summary>
    public bool MustWrite => HardState is not null || Entries.Count > 0;

    /// <summary>Names this turn's write, for <see cref="RaftCore.Persisted"/>.</summary>
    public DurabilityMark Mark { get; internal init; }

    /// <summary>Messages that may leave at once, beside the write.</summary>
    public IReadOnlyList<RaftMessage> Messages { get; internal init; } = [];

    /// <summary>Messages that may leave when this write and all earlier ones are durable.</summary>
    public IReadOnlyList<RaftMessage> MessagesAfterDurable { get; internal init; } = [];

    /// <summary>
    /// Entries to apply, in order, and before <see cref="Install"/> of the same turn; each is given once. They are
    /// committed, and durable here. What a snapshot holds that is installed is not given any more.
    /// </summary>
    public IReadOnlyList<LogEntry> Committed { get; internal init; } = [];

    /// <summary>Reads that are linearizable once their index has been applied.</summary>
    public IReadOnlyList<ConfirmedRead> ConfirmedReads { get; internal init; } = [];

    /// <summary>Reads that could not be confirmed.</summary>
    public IReadOnlyList<FailedRead> FailedReads { get; internal init; } = [];

    /// <summary>
    /// What became of this node's proposals: commands that the leader refused, and changes of membership, refused or
    /// accepted. An accepted command is not told of; it shows up in <see cref="Committed"/>.
    /// </summary>
    public IReadOnlyList<ProposalOutcome> Outcomes { get; internal init; } = [];

    /// <summary>Pieces of this node's snapshots that followers need.</summary>
    public IReadOnlyList<SnapshotRead> SnapshotReads { get; internal init; } = [];

    /// <summary>Received pieces of a snapshot to keep.</summary>
    public IReadOnlyList<SnapshotWrite> SnapshotWrites { get; internal init; } = [];

    /// <summary>
    /// A snapshot that has been received whole: the host checks it, makes it durable, gives it to the log and to the
    /// state machine, and calls <see cref="RaftCore.SnapshotInstalled"/>, <see cref="RaftCore.SnapshotRefused"/> or
    /// <see cref="RaftCore.SnapshotChunkNotKept"/>.
    /// </summary>
    public SnapshotMeta? Install { get; internal init; }

    /// <summary>
    /// Whether another node leads, or none, or the same one in another term, since the last turn. Proposals that were
    /// under way may then be lost.
    /// </summary>
    public bool LeadershipChanged { get; internal init; }

    /// <summary>Whether there is nothing to do. A host turns until this is so, then waits for input.</summary>
    public bool IsEmpty => !MustWrite && Messages.Count == 0 && MessagesAfterDurable.Count == 0 && Committed.Count == 0
        && ConfirmedReads.Count == 0 && FailedReads.Count == 0 && Outcomes.Count == 0 && SnapshotReads.Count == 0
        && SnapshotWrites.Count == 0 && Install is null && !LeadershipChanged;
}
