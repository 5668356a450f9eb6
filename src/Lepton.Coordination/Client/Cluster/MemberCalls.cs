using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Client.Transport;
using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client.Cluster;

/// <summary>The calls about the cluster's members. Changes are writes: none is sent twice.</summary>
internal static class MemberCalls
{
    /// <summary>Lists the members.</summary>
    public static async Task<IReadOnlyList<ClusterMember>> ListAsync(
        CallRunner calls, CancellationToken cancellationToken)
    {
        CallAnswer<Pb.MemberListResponse> answer = await calls.RunAsync(
            CoordinationMethods.MemberList, new Pb.MemberListRequest { Linearizable = true },
            new CallDescription("the list of members", CallKind.Read, NeedsLeader: false), null, cancellationToken)
            .ConfigureAwait(false);
        return [.. answer.Response.Members.Select(Wire.FromWire)];
    }

    /// <summary>Adds a member.</summary>
    public static async Task<ClusterMember> AddAsync(
        CallRunner calls, IReadOnlyList<string> peerUrls, bool asLearner, CancellationToken cancellationToken)
    {
        CallAnswer<Pb.MemberAddResponse> answer = await calls.RunAsync(
            CoordinationMethods.MemberAdd, new Pb.MemberAddRequest { PeerURLs = { peerUrls }, IsLearner = asLearner },
            new CallDescription($"the addition of the member at {string.Join(", ", peerUrls)}", CallKind.Write), null,
            cancellationToken).ConfigureAwait(false);
        return Wire.FromWire(answer.Response.Member);
    }

    /// <summary>Has a learner vote.</summary>
    public static Task PromoteAsync(CallRunner calls, MemberId member, CancellationToken cancellationToken) =>
        calls.RunAsync(
            CoordinationMethods.MemberPromote, new Pb.MemberPromoteRequest { ID = member.Value },
            new CallDescription($"the promotion of member {member}", CallKind.Write), null, cancellationToken);

    /// <summary>Removes a member.</summary>
    public static Task RemoveAsync(CallRunner calls, MemberId member, CancellationToken cancellationToken) =>
        calls.RunAsync(
            CoordinationMethods.MemberRemove, new Pb.MemberRemoveRequest { ID = member.Value },
            new CallDescription($"the removal of member {member}", CallKind.Write), null, cancellationToken);
}
