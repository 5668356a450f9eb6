using Lepton.Core;

namespace Lepton.Raft.Core;

/// <summary>What a leader knows of one member, itself included.</summary>
internal sealed class ReplicationProgress(NodeId id, LogIndex next, RaftOptions options)
{
    public NodeId Id => id;

    /// <summary>Up to here the follower's log is the leader's, durably.</summary>
    public LogIndex Match { get; private set; }

    /// <summary>The next entry to send.</summary>
    public LogIndex Next { get; private set; } = next;

    public ReplicationState State { get; private set; }

    /// <summary>Whether a probe waits for its answer.</summary>
    public bool IsProbeSent { get; set; }

    /// <summary>
    /// Whether an answer to a heartbeat may still start a probe: once a tick, however many rounds of reads there are.
    /// </summary>
    public bool MayProbeAgain { get; set; }

    public InflightWindow Inflight { get; } = new(options.InflightMessagesMax, options.InflightBytesMax);

    /// <summary>
    /// Whether the follower answered since a quorum was last checked. A new member gets a first respite.
    /// </summary>
    public bool IsActive { get; set; } = true;

    /// <summary>The tick at which the follower last answered this leader; null where it has not yet.</summary>
    public long? HeardAt { get; private set; }

    public bool IsDiskFull { get; set; }

    /// <summary>
    /// How often what the follower confirmed was forgotten; answers to earlier messages do not count.
    /// </summary>
    public long Epoch { get; private set; }

    /// <summary>What the follower was last told to be committed.</summary>
    public LogIndex CommitSent { get; set; }

    /// <summary>The latest round of confirmation that the follower answered.</summary>
    public long RoundAnswered { get; set; }

    /// <summary>The snapshot on its way, in <see cref="ReplicationState.Snapshot"/>.</summary>
    public SnapshotTransfer? Snapshot { get; private set; }

    /// <summary>When a member that is not one any more is forgotten; null for members.</summary>
    public long? ForgottenAt { get; set; }

    /// <summary>The follower answered.</summary>
    public void Heard(long now)
    {
        IsActive = true;
        HeardAt = now;
    }

    /// <summary>The way to the follower broke: that it answered a moment ago says nothing any more.</summary>
    public void NotHeard() => HeardAt = null;

    /// <summary>The follower confirmed an index; true where that is news.</summary>
    public bool Confirm(LogIndex index)
    {
        bool isNews = index > Match;
        Match = isNews ? index : Match;
        Next = Next > index ? Next : index.Next;
        return isNews;
    }

    /// <summary>Entries up to an index are on their way.</summary>
    public void Sent(LogIndex last, long bytes)
    {
        Invariant.Check(last >= Next);
        Next = last.Next;
        Inflight.Add(last, bytes);
    }

    public void Probe()
    {
        Enter(ReplicationState.Probe);
        Next = Match.Next;
    }

    /// <summary>The logs can't agree beyond an index.</summary>
    public void ProbeFrom(LogIndex agreement)
    {
        Next = agreement > Match ? agreement.Next : Match.Next;
        IsProbeSent = false;
    }

    public void Replicate()
    {
        Enter(ReplicationState.Replicate);
        Next = Match.Next;
    }

    public void Send(SnapshotTransfer snapshot)
    {
        Enter(ReplicationState.Snapshot);
        Snapshot = snapshot;
    }

    /// <summary>The follower may have lost what it had confirmed. Nothing else ever lowers the match.</summary>
    public void Forget(LogIndex from)
    {
        Match = from <= Match ? from.Previous : Match;
        Epoch++;
        Probe();
    }

    private void Enter(ReplicationState state)
    {
        State = state;
        IsProbeSent = false;
        Snapshot = null;
        Inflight.Clear();
    }
}
