using Google.Protobuf.Collections;
using Lepton.Coordination.Protocol;
using Lepton.Raft;
using Lepton.Raft.Membership;
using Member = Lepton.Coordination.Protocol.Member;
using RaftMember = Lepton.Raft.Membership.Member;

namespace Lepton.Coordination.Services;

/// <summary>
/// etcd's service <c>Cluster</c>: who belongs to it. The list is the consensus' own; there is no second one.
/// </summary>
internal sealed class ClusterService(ServiceCore core)
{
    private const string Service = "etcdserverpb.Cluster";

    public void MapTo(ServiceMap map)
    {
        map.Unary(Service, "MemberAdd", MemberAddRequest.Parser, MemberAddResponse.Parser, AddAsync);
        map.Unary(Service, "MemberRemove", MemberRemoveRequest.Parser, MemberRemoveResponse.Parser, RemoveAsync);
        map.Unary(Service, "MemberUpdate", MemberUpdateRequest.Parser, MemberUpdateResponse.Parser, UpdateAsync);
        map.Unary(Service, "MemberList", MemberListRequest.Parser, MemberListResponse.Parser, ListAsync);
        map.Unary(Service, "MemberPromote", MemberPromoteRequest.Parser, MemberPromoteResponse.Parser,
            PromoteAsync);
    }

    private async Task<MemberAddResponse> AddAsync(MemberAddRequest request, CancellationToken cancellationToken)
    {
        string[] urls = CheckUrls(request.PeerURLs);
        await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
        ClusterMembership membership = core.Consensus.Status.Membership;
        CheckUrlsAreFree(membership, urls, NodeId.None);
        RaftMember member = new(NewId(membership), "", urls);
        ClusterMembership changed = await ChangeAsync(
            new MembershipChange.AddLearner(member with { VotesWhenReady = !request.IsLearner }),
                cancellationToken).ConfigureAwait(false);
        return new MemberAddResponse
        {
            Header = Header(),
            Member = Describe(member, changed),
            Members = { Describe(changed) },
        };
    }

    private async Task<MemberRemoveResponse> RemoveAsync(
        MemberRemoveRequest request, CancellationToken cancellationToken)
    {
        await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
        ClusterMembership membership = core.Consensus.Status.Membership;
        RaftMember member = Find(membership, request.ID);
        if (membership.Voters.Count == 1 && membership.Voters[0] == member.Id)
        {
            throw EtcdStatus.NotEnoughStartedMembers.Raise();
        }

        ClusterMembership changed =
            await ChangeAsync(new MembershipChange.Remove(member.Id), cancellationToken).ConfigureAwait(false);
        return new MemberRemoveResponse { Header = Header(), Members = { Describe(changed) } };
    }

    private async Task<MemberUpdateResponse> UpdateAsync(
        MemberUpdateRequest request, CancellationToken cancellationToken)
    {
        string[] urls = CheckUrls(request.PeerURLs);
        await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
        ClusterMembership membership = core.Consensus.Status.Membership;
        RaftMember member = Find(membership, request.ID);
        CheckUrlsAreFree(membership, urls, member.Id);
        ClusterMembership changed = await ChangeAsync(
            new MembershipChange.Update(member with { PeerUrls = urls }), cancellationToken).ConfigureAwait(false);
        return new MemberUpdateResponse { Header = Header(), Members = { Describe(changed) } };
    }

    private async Task<MemberPromoteResponse> PromoteAsync(
        MemberPromoteRequest request, CancellationToken cancellationToken)
    {
        await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
        ClusterMembership membership = core.Consensus.Status.Membership;
        RaftMember member = Find(membership, request.ID);
        if (!membership.Learners.Contains(member.Id))
        {
            throw EtcdStatus.MemberNotLearner.Raise();
        }

        ClusterMembership changed =
            await ChangeAsync(new MembershipChange.Promote(member.Id), cancellationToken).ConfigureAwait(false);
        return new MemberPromoteResponse { Header = Header(), Members = { Describe(changed) } };
    }

    private async Task<MemberListResponse> ListAsync(MemberListRequest request, CancellationToken cancellationToken)
    {
        if (request.Linearizable)
        {
            await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
        }

        return new MemberListResponse
        {
            Header = Header(),
            Members = { Describe(core.Consensus.Status.Membership) },
        };
    }

    private static RaftMember Find(ClusterMembership membership, ulong id)
    {
        foreach (RaftMember member in membership.Members)
        {
            if (member.Id.Value == id)
            {
                return member;
            }
        }

        throw EtcdStatus.MemberNotFound.Raise();
    }

    private static string[] CheckUrls(RepeatedField<string> urls)
    {
        if (urls.Count == 0 || !urls.All(IsPeerUrl))
        {
            throw EtcdStatus.BadMemberUrls.Raise();
        }

        return [.. urls.Order(StringComparer.Ordinal)];
    }

    private static bool IsPeerUrl(string text)
    {
        // The port is part of a member's address: a default that both sides must know would be a trap.
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? url) &&
            (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) &&
            url.AbsolutePath == "/" && url.Query.Length == 0 && url.UserInfo.Length == 0 &&
            text.TrimEnd('/').EndsWith($":{url.Port}", StringComparison.Ordinal);
    }

    private static void CheckUrlsAreFree(ClusterMembership membership, string[] urls, NodeId owner)
    {
        foreach (RaftMember member in membership.Members)
        {
            if (member.Id != owner && member.PeerUrls.Intersect(urls, StringComparer.Ordinal).Any())
            {
                throw EtcdStatus.PeerUrlExists.Raise();
            }
        }
    }

    private NodeId NewId(ClusterMembership membership)
    {
        NodeId id;
        do
        {
            id = new NodeId((ulong)core.Options.NewId());
        }
        while (id == NodeId.None || membership.Members.Any(member => member.Id == id));
        return id;
    }

    private Task<ClusterMembership> ChangeAsync(MembershipChange change, CancellationToken cancellationToken) =>
        core.RunAsync((consensus, token) => consensus.ChangeMembershipAsync(change, token), cancellationToken);

    private ResponseHeader Header() => core.Header(0);

    private IEnumerable<Member> Describe(ClusterMembership membership) =>
        membership.Members.Select(member => Describe(member, membership));

    private Member Describe(RaftMember member, ClusterMembership membership) => new()
    {
        ID = member.Id.Value,
        Name = member.Name,
        PeerURLs = { member.PeerUrls },
        ClientURLs = { core.State.ClientUrls(member.Id.Value) },
        IsLearner = membership.Learners.Contains(member.Id),
    };
}
