using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Rpc;

namespace Lepton.Coordination.Services;

/// <summary>Says in etcd's words why the consensus gave no result.</summary>
internal static class ConsensusFailures
{
    /// <summary>The exception that ends the call.</summary>
    public static RpcException ToRpcException(ConsensusException failure)
    {
        // Clients compare these texts, so what the consensus says itself goes along as the cause.
        RpcStatus status = failure.Failure switch
        {
            ConsensusFailure.NoLeader => EtcdStatus.NoLeader,
            ConsensusFailure.LeaderChanged => EtcdStatus.LeaderChanged,
            ConsensusFailure.Timeout => EtcdStatus.Timeout,
            ConsensusFailure.Overloaded => EtcdStatus.TooManyRequests,
            ConsensusFailure.DiskFull => EtcdStatus.NoSpace,
            ConsensusFailure.MemberDiskFull => EtcdStatus.MemberDiskFull,
            ConsensusFailure.Stopped => EtcdStatus.Stopped,
            ConsensusFailure.MembershipChangePending => EtcdStatus.MembershipChangePending,
            ConsensusFailure.MemberUnknown => EtcdStatus.MemberNotFound,
            ConsensusFailure.MemberNotLearner => EtcdStatus.MemberNotLearner,
            ConsensusFailure.PeerUrlTaken => EtcdStatus.PeerUrlExists,
            ConsensusFailure.MembershipChangeInvalid or ConsensusFailure.MemberIdMissing
                or ConsensusFailure.MemberExists or ConsensusFailure.LastVoter =>
                new(StatusCode.FailedPrecondition, Told(failure)),
            ConsensusFailure.LearnerNotReady => EtcdStatus.LearnerNotReady,
            ConsensusFailure.NotLeader => EtcdStatus.NotLeader,
            ConsensusFailure.ClusterUnhealthy => EtcdStatus.Unhealthy,
            _ => new(StatusCode.Unavailable, Told(failure)),
        };
        return new RpcException(status.Code, status.Detail, failure);
    }

    private static string Told(ConsensusException failure) => "etcdserver: " + failure.Message;
}
