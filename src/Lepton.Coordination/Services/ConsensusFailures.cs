using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Rpc;

namespace Lepton.Coordination.Services;

/// <summary>Says in etcd's words why the consensus gave no result.</summary>
internal static class ConsensusFailures
{
    /// <summary>The exception that ends the call.</summary>
    public static RpcException ToRpcException(ConsensusException failure) => failure.Failure switch
    {
        ConsensusFailure.NoLeader => EtcdStatus.NoLeader.Raise(),
        ConsensusFailure.LeaderChanged => EtcdStatus.LeaderChanged.Raise(),
        ConsensusFailure.Timeout => EtcdStatus.Timeout.Raise(),
        ConsensusFailure.Overloaded => EtcdStatus.TooManyRequests.Raise(),
        ConsensusFailure.DiskFull => EtcdStatus.NoSpace.Raise(),
        ConsensusFailure.MemberDiskFull => EtcdStatus.MemberDiskFull.Raise(),
        ConsensusFailure.Stopped => EtcdStatus.Stopped.Raise(),
        ConsensusFailure.MembershipChangePending => EtcdStatus.MembershipChangePending.Raise(),
        ConsensusFailure.MemberUnknown => EtcdStatus.MemberNotFound.Raise(),
        ConsensusFailure.MemberNotLearner => EtcdStatus.MemberNotLearner.Raise(),
        ConsensusFailure.PeerUrlTaken => EtcdStatus.PeerUrlExists.Raise(),
        ConsensusFailure.MembershipChangeInvalid or ConsensusFailure.MemberIdMissing
            or ConsensusFailure.MemberExists or ConsensusFailure.LastVoter =>
            new RpcException(StatusCode.FailedPrecondition, "etcdserver: " + failure.Message, failure),
        ConsensusFailure.LearnerNotReady => EtcdStatus.LearnerNotReady.Raise(),
        ConsensusFailure.NotLeader => EtcdStatus.NotLeader.Raise(),
        _ => new RpcException(StatusCode.Unavailable, "etcdserver: " + failure.Message, failure),
    };
}
