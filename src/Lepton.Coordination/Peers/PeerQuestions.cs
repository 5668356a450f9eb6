using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Rpc;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Peers;

/// <summary>Answers what peers ask beside the stream of messages. Thread safe.</summary>
internal sealed class PeerQuestions(
    PeerIdentity self, IConsensus consensus, LeaseKeeper leases, ServiceState state)
{
    public void MapTo(RpcServices services)
    {
        services.MapUnary(PeerMethods.Describe, (_, _) => Task.FromResult(Describe()));
        services.MapUnary(PeerMethods.LeaseKeepAlive, (request, call) =>
            AnswerAsync(request, leases.KeepAliveAsync, call.CancellationToken));
        services.MapUnary(PeerMethods.LeaseTimeToLive, (request, call) =>
            AnswerAsync(request, leases.TimeToLiveAsync, call.CancellationToken));
        services.MapUnary(PeerMethods.Hash, (request, _) => Task.FromResult(Hash(request)));
    }

    private DescribeResponse Describe()
    {
        ConsensusStatus status = consensus.Status;
        ClusterMembership membership = status.Membership;
        DescribeResponse response = new()
        {
            ClusterId = self.ClusterId,
            MemberId = self.Node.Value,
            AgreedIndex = status.Applied.Value,
            AgreedIds = { status.AppliedMembership.Members.Select(static member => member.Id.Value) },
        };
        response.Members.AddRange(membership.Members.Select(member => new Protocol.Member
        {
            ID = member.Id.Value,
            Name = member.Name,
            PeerURLs = { member.PeerUrls },
            ClientURLs = { state.ClientUrls(member.Id.Value) },
            IsLearner = membership.Learners.Contains(member.Id),
        }));
        return response;
    }

    private async Task<PeerLeaseResponse> AnswerAsync(
        PeerLeaseRequest request,
        Func<IReadOnlyList<long>, CancellationToken, Task<IReadOnlyList<LeaseTime>>> ask,
        CancellationToken cancellationToken)
    {
        Check(request.ClusterId);
        PeerLeaseResponse response = new();
        try
        {
            IReadOnlyList<LeaseTime> times = await ask(request.Ids, cancellationToken).ConfigureAwait(false);
            response.Leases.AddRange(times.Select((time, i) => new PeerLease
            {
                Id = request.Ids[i],
                TtlMs = time.Exists ? (long)time.Remaining.TotalMilliseconds : -1,
                GrantedTtlS = time.GrantedSeconds,
            }));
        }
        catch (ConsensusException e)
        {
            throw new RpcException(StatusCode.Unavailable, e.Message);
        }

        return response;
    }

    private PeerHashResponse Hash(PeerHashRequest request)
    {
        Check(request.ClusterId);
        (uint hash, long revision, long compacted) = state.HashKeys(request.Revision);
        return new PeerHashResponse
        {
            MemberId = self.Node.Value,
            Hash = hash,
            Revision = revision,
            CompactRevision = compacted,
        };
    }

    private void Check(ulong clusterId)
    {
        if (clusterId != self.ClusterId)
        {
            throw new RpcException(StatusCode.FailedPrecondition,
                $"A peer of the cluster {clusterId:x} asked a member of {self.ClusterId:x}. Correct its addresses.");
        }
    }
}
