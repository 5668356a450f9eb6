using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>Gathers what a turn leaves to do. Lists are given away, so that the host may keep its effects.</summary>
internal sealed class Outbox
{
    private List<RaftMessage>? _now;
    private List<RaftMessage>? _afterDurable;
    private List<ConfirmedRead>? _confirmed;
    private List<FailedRead>? _failed;
    private List<ProposalOutcome>? _outcomes;
    private List<SnapshotRead>? _snapshotReads;
    private List<SnapshotWrite>? _snapshotWrites;

    public SnapshotMeta? Install { get; set; }

    /// <summary>Sends a message at once.</summary>
    public void Send(RaftMessage message) => (_now ??= []).Add(message);

    /// <summary>Sends a message once all that was said and appended so far is durable.</summary>
    public void SendAfterDurable(RaftMessage message) => (_afterDurable ??= []).Add(message);

    /// <summary>Takes back what waits for a write that is not made.</summary>
    public void DropAfterDurable() => _afterDurable = null;

    public void Confirm(ConfirmedRead read) => (_confirmed ??= []).Add(read);

    public void Fail(FailedRead read) => (_failed ??= []).Add(read);

    public void Tell(ProposalOutcome outcome) => (_outcomes ??= []).Add(outcome);

    public void Read(SnapshotRead read) => (_snapshotReads ??= []).Add(read);

    public void Write(SnapshotWrite write) => (_snapshotWrites ??= []).Add(write);

    private bool IsEmpty => _now is null && _afterDurable is null && _confirmed is null && _failed is null
        && _outcomes is null && _snapshotReads is null && _snapshotWrites is null && Install is null;

    public RaftEffects Take(
        HardState? hardState, LogEntry[] entries, DurabilityMark mark, IReadOnlyList<LogEntry> committed,
        bool leadershipChanged)
    {
        if (hardState is null && entries.Length == 0 && committed.Count == 0 && !leadershipChanged && IsEmpty)
        {
            return RaftEffects.None;
        }

        RaftEffects effects = new()
        {
            HardState = hardState,
            Entries = entries,
            Mark = mark,
            Messages = Give(ref _now),
            MessagesAfterDurable = Give(ref _afterDurable),
            Committed = committed,
            ConfirmedReads = Give(ref _confirmed),
            FailedReads = Give(ref _failed),
            Outcomes = Give(ref _outcomes),
            SnapshotReads = Give(ref _snapshotReads),
            SnapshotWrites = Give(ref _snapshotWrites),
            Install = Install,
            LeadershipChanged = leadershipChanged,
        };
        Install = null;
        return effects;
    }

    private static IReadOnlyList<T> Give<T>(ref List<T>? list)
    {
        IReadOnlyList<T> given = list is null ? [] : list;
        list = null;
        return given;
    }
}
