using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>Brings followers' logs to the leader's: probing, then message behind message, or by a snapshot.</summary>
internal sealed class Replication(NodeState node)
{
    public SnapshotSending Snapshots { get; } = new(node);

    /// <summary>Sends what a follower lacks, as far as its window allows, or what was committed meanwhile.</summary>
    public void Send(ReplicationProgress peer)
    {
        if (peer.IsDiskFull)
        {
            return;
        }

        switch (peer.State)
        {
            case ReplicationState.Probe when !peer.IsProbeSent:
                peer.IsProbeSent = TrySend(peer, node.Options.AppendBytesMax);
                break;
            case ReplicationState.Replicate:
                while (peer.Next <= node.Log.LastIndex && !peer.Inflight.IsFull
                    && TrySend(peer, node.Options.AppendBytesMax))
                {
                }

                if (peer.State == ReplicationState.Replicate && peer.CommitSent < node.Log.Commit
                    && peer.CommitSent < peer.Next.Previous)
                {
                    TrySend(peer, bytesMax: 0, isNotice: true);
                }

                break;
        }
    }

    public void SendHeartbeat(ReplicationProgress peer)
    {
        if (peer.Id != node.Id)
        {
            LogIndex commit = peer.Match < node.Log.Commit ? peer.Match : node.Log.Commit;
            node.Send(new RaftMessage.Heartbeat(node.Id, peer.Id, node.Term, commit, node.LastRound, peer.Epoch));
        }
    }

    /// <summary>A follower answered; true where it confirmed something new.</summary>
    public bool OnReply(ReplicationProgress peer, RaftMessage.AppendReply reply)
    {
        if (reply.Epoch != peer.Epoch || reply.Index > node.Log.LastIndex)
        {
            return false;
        }

        peer.IsDiskFull = false;
        if (reply.IsRejected)
        {
            OnRejected(peer, reply);
            return false;
        }

        bool isNews = peer.Confirm(reply.Index);
        switch (peer.State)
        {
            case ReplicationState.Probe:
                peer.Replicate();
                break;
            case ReplicationState.Replicate:
                peer.Inflight.FreeTo(reply.Index);
                break;
            case ReplicationState.Snapshot when node.Log.Holds(peer.Match.Next):
                peer.Probe();
                break;
        }

        return isNews;
    }

    /// <summary>
    /// The follower lives. Should it lack something that was sent to it, this finds out: a message without entries, to
    /// be confirmed or rejected, that takes part in no window.
    /// </summary>
    public void OnHeartbeatReply(ReplicationProgress peer)
    {
        if (peer.IsDiskFull || !peer.MayProbeAgain)
        {
            return;
        }

        peer.MayProbeAgain = false;
        peer.IsProbeSent = false;
        if (peer.State == ReplicationState.Replicate && peer.Match < peer.Next.Previous)
        {
            TrySend(peer, bytesMax: 0);
        }
    }

    public void Tick(ReplicationProgress peer)
    {
        peer.MayProbeAgain = true;
        if (peer.State == ReplicationState.Snapshot)
        {
            Snapshots.Tick(peer);
        }
    }

    private void OnRejected(ReplicationProgress peer, RaftMessage.AppendReply reply)
    {
        if (peer.State == ReplicationState.Replicate)
        {
            if (reply.Index > peer.Match)
            {
                peer.Probe();
            }
        }
        else if (peer.State == ReplicationState.Probe && reply.Index == peer.Next.Previous)
        {
            // The leader's side of passing over whole terms: no entry of a later term than the follower's can agree.
            LogIndex agreement = reply.HintIndex;
            while (agreement > peer.Match && node.Log.TermOf(agreement) is { } term && term > reply.HintTerm)
            {
                agreement = agreement.Previous;
            }

            peer.ProbeFrom(agreement);
        }
    }

    /// <summary>
    /// Sends one message; false where the log does not reach back so far, and a snapshot goes instead.
    /// </summary>
    private bool TrySend(ReplicationProgress peer, long bytesMax, bool isNotice = false)
    {
        LogIndex previous = peer.Next.Previous;
        if (node.Log.TermOf(previous) is not { } previousTerm || !node.Log.Holds(peer.Next))
        {
            Snapshots.Start(peer);
            return false;
        }

        IReadOnlyList<LogEntry> entries = bytesMax > 0 && peer.Next <= node.Log.LastIndex
            ? node.Log.Read(peer.Next, node.Log.LastIndex.Next, bytesMax)
            : [];
        LogIndex last = previous + entries.Count;
        peer.CommitSent = node.Log.Commit < last ? node.Log.Commit : last;
        node.Send(new RaftMessage.Append(
            node.Id, peer.Id, node.Term, previous, previousTerm, entries, node.Log.Commit, peer.Epoch,
            isNotice));
        if (entries.Count > 0 && peer.State == ReplicationState.Replicate)
        {
            peer.Sent(last, BytesOf(entries));
        }

        return true;
    }

    private static long BytesOf(IReadOnlyList<LogEntry> entries)
    {
        long bytes = 0;
        for (int i = 0; i < entries.Count; i++)
        {
            bytes += entries[i].Data.Length;
        }

        return bytes;
    }
}
