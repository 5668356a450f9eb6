using Lepton.Coordination.Peers;
using Lepton.Coordination.Protocol;
using Lepton.Raft;
using Lepton.Raft.Disk;
using Lepton.Raft.Hosting;
using Lepton.Rpc;
using Lepton.Rpc.Client;
using Member = Lepton.Raft.Membership.Member;

namespace Lepton.Coordination.Hosting;

/// <summary>Finds out from a cluster that is there who a new member is in it.</summary>
internal static class ClusterJoin
{
    private static readonly TimeSpan s_checkTimeMax = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Sees to it that a member of a new cluster is new itself. One that has served once and comes back with nothing
    /// has forgotten its votes, and what it acknowledged. Those that can't be asked are passed over: they may be new.
    /// </summary>
    /// <exception cref="DataDirectoryException">Another member knows it as one that has served.</exception>
    public static async Task CheckNewAsync(
        CoordinatorSettings settings, RpcChannelOptions channelOptions, CancellationToken cancellationToken)
    {
        string?[] whoKnow = await Task.WhenAll(OtherUrls(settings).Select(url =>
            IfItKnowsAsync(url, settings, channelOptions, cancellationToken))).ConfigureAwait(false);
        if (Array.Find(whoKnow, static url => url is not null) is { } url)
        {
            throw new DataDirectoryException(
                $"The data directory {settings.DataDir} is empty, and the member '{settings.Options.Name}' " +
                $"({settings.Self.Id}) of this cluster has served before, as {url} knows. Started like that it would " +
                "have forgotten its votes and what it acknowledged. Give the --data-dir that it had. Where that is " +
                $"lost, remove the member (lepton members remove {settings.Self.Id}), add it anew (lepton members " +
                "add URL), and start it with --initial-cluster-state existing.");
        }
    }

    /// <summary>
    /// Sees to it that a directory that is there is of the cluster that the flags name. Those that can't be asked are
    /// passed over: they refuse this member when they come.
    /// </summary>
    /// <param name="settings">Who they are.</param>
    /// <param name="clusterId">The cluster of the directory.</param>
    /// <param name="channelOptions">How they are reached.</param>
    /// <param name="onSilent">Told of each that can't be asked.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="DataDirectoryException">One of the others is of another cluster.</exception>
    public static async Task CheckSameAsync(
        CoordinatorSettings settings, ulong clusterId, RpcChannelOptions channelOptions, Action<string> onSilent,
        CancellationToken cancellationToken)
    {
        (string Url, ulong? ClusterId)[] answers = await Task.WhenAll(OtherUrls(settings).Select(async url =>
            (url, (await TryDescribeAsync(url, channelOptions, cancellationToken).ConfigureAwait(false))?.ClusterId)))
            .ConfigureAwait(false);
        foreach ((string silent, ulong? _) in answers.Where(static answer => answer.ClusterId is null))
        {
            onSilent(silent);
        }

        if (Array.Find(answers, answer => answer.ClusterId is { } other && other != clusterId) is { Url: { } url } of)
        {
            throw new DataDirectoryException(
                $"The data directory {settings.DataDir} is of the cluster {clusterId:x}, and {url}, which " +
                $"--initial-cluster names, is of the cluster {of.ClusterId:x}. Give the --data-dir that this member " +
                "has in that cluster, or an empty one where it is to join it; or correct --initial-cluster.");
        }
    }

    /// <summary>Asks the members that the flags name, one after the other.</summary>
    /// <returns>The cluster's id, this member's, and the members that it knows.</returns>
    /// <exception cref="ClusterJoinException">
    /// None could be asked, or none knows this member: it was not added to the cluster. Or another has its name.
    /// </exception>
    public static async Task<(ulong ClusterId, NodeId Self, IReadOnlyList<Member> Members)> AskAsync(
        CoordinatorSettings settings, RpcChannelOptions channelOptions, CancellationToken cancellationToken)
    {
        List<string> faults = [];
        List<string> strangers = [];
        foreach (string url in OtherUrls(settings))
        {
            try
            {
                DescribeResponse response = await DescribeAsync(url, channelOptions, null, cancellationToken)
                    .ConfigureAwait(false);
                if (Find(settings, response) is { } self)
                {
                    CheckName(settings, self, response);
                    return (response.ClusterId, self, [.. response.Members.Select(ToMember)]);
                }

                // It may lag behind, and not know yet what the others do.
                strangers.Add($"{url} {Unknown(response)}");
            }
            catch (RpcException e)
            {
                faults.Add($"{url}: {e.Detail}");
            }
        }

        if (strangers.Count > 0)
        {
            throw new ClusterJoinException(
                $"The cluster has no member with the peer URLs {string.Join(", ", settings.AdvertisedPeerUrls)}, " +
                $"as far as could be asked: {string.Join("; ", strangers)}. " +
                (faults.Count > 0 ? $"Not asked: {string.Join("; ", faults)}. " : "") +
                "Add this one first (lepton members add URL), then start it with the same URL.");
        }

        throw new ClusterJoinException(
            "--initial-cluster-state is existing, and no member of the cluster could be asked. " +
            (faults.Count == 0
                ? "--initial-cluster names no other member; add the ones that run."
                : $"Tried {string.Join("; ", faults)}. Start them first, or correct --initial-cluster."));
    }

    /// <summary>
    /// Whether another member knows that this one was removed: it has carried out all that this one has, and more, and
    /// by what was agreed on then this one does not belong to the cluster. Ids never come back. Those that can't be
    /// asked, and those that lag behind, are passed over.
    /// </summary>
    /// <param name="settings">Who else may be asked.</param>
    /// <param name="self">This member.</param>
    /// <param name="known">How it stands: a member by all that it has carried out.</param>
    /// <param name="channelOptions">How the others are reached.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    public static async Task<bool> WasRemovedAsync(
        CoordinatorSettings settings, PeerIdentity self, ConsensusStatus known, RpcChannelOptions channelOptions,
        CancellationToken cancellationToken)
    {
        IEnumerable<string> urls = known.Membership.Members.Where(member => member.Id != self.Node)
            .SelectMany(static member => member.PeerUrls).Concat(OtherUrls(settings)).Distinct(StringComparer.Ordinal);
        DescribeResponse?[] answers = await Task.WhenAll(
            urls.Select(url => TryDescribeAsync(url, channelOptions, cancellationToken))).ConfigureAwait(false);
        return Array.Exists(answers, answer => answer?.ClusterId == self.ClusterId
            && answer.AgreedIndex >= known.Applied.Value && !answer.AgreedIds.Contains(self.Node.Value));
    }

    /// <summary>Members say their names when they first start, so one that joins may bring another's.</summary>
    private static void CheckName(CoordinatorSettings settings, NodeId self, DescribeResponse response)
    {
        if (response.Members.FirstOrDefault(member =>
            member.Name == settings.Options.Name && member.ID != self.Value) is { } same)
        {
            throw new ClusterJoinException(
                $"The cluster has a member '{same.Name}' already, at {string.Join(", ", same.PeerURLs)}. Give this " +
                "one another --name, and the same in --initial-cluster.");
        }
    }

    private static IEnumerable<string> OtherUrls(CoordinatorSettings settings) => settings.FirstMembers
        .Where(member => member.Name != settings.Options.Name).SelectMany(static member => member.PeerUrls);

    private static async Task<DescribeResponse> DescribeAsync(
        string url, RpcChannelOptions channelOptions, RpcCallOptions? options, CancellationToken cancellationToken)
    {
        using RpcChannel channel = new(new Uri(url), channelOptions);
        return await channel.UnaryAsync(PeerMethods.Describe, new DescribeRequest(), options, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The URL, where the member there knows this one as one that has served.</summary>
    private static async Task<string?> IfItKnowsAsync(
        string url, CoordinatorSettings settings, RpcChannelOptions channelOptions, CancellationToken cancellationToken)
    {
        DescribeResponse? response =
            await TryDescribeAsync(url, channelOptions, cancellationToken).ConfigureAwait(false);

        // Each member tells the cluster where clients reach it, once it serves.
        return response?.ClusterId == settings.NewClusterId && response.Members.Any(member =>
            member.ID == settings.Self.Id.Value && member.ClientURLs.Count > 0) ? url : null;
    }

    /// <summary>Null where it is not there yet, or not to be trusted with an answer.</summary>
    private static async Task<DescribeResponse?> TryDescribeAsync(
        string url, RpcChannelOptions channelOptions, CancellationToken cancellationToken)
    {
        try
        {
            return await DescribeAsync(
                url, channelOptions, new RpcCallOptions { Timeout = s_checkTimeMax }, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (RpcException)
        {
            return null;
        }
    }

    private static NodeId? Find(CoordinatorSettings settings, DescribeResponse response)
    {
        Protocol.Member? self = response.Members.FirstOrDefault(member =>
            member.PeerURLs.Order(StringComparer.Ordinal).SequenceEqual(
                settings.AdvertisedPeerUrls.Order(StringComparer.Ordinal), StringComparer.Ordinal));
        return self is null ? null : new NodeId(self.ID);
    }

    private static string Unknown(DescribeResponse response) =>
        $"knows the cluster {response.ClusterId:x} with " + string.Join(" and ", response.Members.Select(member =>
            $"{(member.Name.Length == 0 ? "unnamed" : member.Name)} at {string.Join(", ", member.PeerURLs)}"));

    private static Member ToMember(Protocol.Member member) =>
        new(new NodeId(member.ID), member.Name, [.. member.PeerURLs]);
}
