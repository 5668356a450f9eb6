using System.Runtime.ExceptionServices;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Hosting;

/// <summary>Something for the node's own thread to do.</summary>
internal abstract class NodeInput
{
    public abstract void Do(RaftNode node);

    /// <summary>The node has stopped before this was done.</summary>
    public virtual void Refuse(string reason)
    {
        // Nobody waits for most of them.
    }

    public sealed class Tick : NodeInput
    {
        public override void Do(RaftNode node) => node.Tick();
    }

    public sealed class Received(RaftMessage message) : NodeInput
    {
        public override void Do(RaftNode node) => node.Receive(message);
    }

    public sealed class Unreachable(NodeId peer) : NodeInput
    {
        public override void Do(RaftNode node) => node.PeerUnreachable(peer);
    }

    public sealed class JobDone(SnapshotJob job) : NodeInput
    {
        public override void Do(RaftNode node) => node.SnapshotJobDone(job);
    }

    /// <summary>A snapshot job ended by a fault that the node must not outlive, on its own thread too.</summary>
    public sealed class JobFailed(Exception fault) : NodeInput
    {
        public override void Do(RaftNode node) => ExceptionDispatchInfo.Throw(fault);
    }

    public sealed class Proposal(ReadOnlyMemory<byte> command, AwaitedRequest<object?> request) : NodeInput
    {
        public override void Do(RaftNode node) => node.Propose(command, request);

        public override void Refuse(string reason) => request.Fail(ConsensusFailure.Stopped, reason);
    }

    public sealed class Read(AwaitedRequest<LogIndex> request) : NodeInput
    {
        public override void Do(RaftNode node) => node.Read(request);

        public override void Refuse(string reason) => request.Fail(ConsensusFailure.Stopped, reason);
    }

    public sealed class Change(MembershipChange change, AwaitedRequest<ClusterMembership> request) : NodeInput
    {
        public override void Do(RaftNode node) => node.ChangeMembership(change, request);

        public override void Refuse(string reason) => request.Fail(ConsensusFailure.Stopped, reason);
    }

    public sealed class Transfer(NodeId successor, AwaitedRequest<NodeId> request) : NodeInput
    {
        public override void Do(RaftNode node) => node.TransferLeadership(successor, request);

        public override void Refuse(string reason) => request.Fail(ConsensusFailure.Stopped, reason);
    }

    public sealed class BetweenTurns<T>(Func<T> read, AwaitedRequest<T> request) : NodeInput
    {
        public override void Do(RaftNode node) => request.Succeed(read());

        public override void Refuse(string reason) => request.Fail(ConsensusFailure.Stopped, reason);
    }
}
