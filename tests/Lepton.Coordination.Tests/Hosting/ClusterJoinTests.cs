using System.Net;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Peers;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Raft;
using Lepton.Raft.Disk;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Tests.Hosting;

/// <summary>Who a member is that joins, by what the others say.</summary>
public sealed class ClusterJoinTests
{
    private const string Own = "http://127.0.0.1:1";

    [Fact]
    public async Task AskAsync_FirstMemberLagsBehind_TheNextIsAsked()
    {
        await using RpcServer lagging = await ServeAsync();
        await using RpcServer knowing = await ServeAsync(new Member { ID = 7, PeerURLs = { Own } });
        (ulong cluster, NodeId self, _) =
            await ClusterJoin.AskAsync(Settings(lagging, knowing), new RpcChannelOptions(), CancellationToken.None);
        Assert.Equal((0xc1ul, new NodeId(7)), (cluster, self));
    }

    [Fact]
    public async Task AskAsync_NobodyKnowsIt_SaysWhoWasAsked()
    {
        await using RpcServer one = await ServeAsync();
        ClusterJoinException e = await Assert.ThrowsAsync<ClusterJoinException>(
            () => ClusterJoin.AskAsync(Settings(one), new RpcChannelOptions(), CancellationToken.None));
        Assert.Contains($"The cluster has no member with the peer URLs {Own}", e.Message, StringComparison.Ordinal);
        Assert.Contains($"{one.Address.Authority} knows the cluster c1 with a at http://a:1", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskAsync_AnotherMemberHasItsName_IsRefused()
    {
        await using RpcServer one = await ServeAsync(
            new Member { ID = 7, PeerURLs = { Own } },
            new Member { ID = 8, Name = "joining", PeerURLs = { "http://b:1" } });
        ClusterJoinException e = await Assert.ThrowsAsync<ClusterJoinException>(
            () => ClusterJoin.AskAsync(Settings(one), new RpcChannelOptions(), CancellationToken.None));
        Assert.Contains("The cluster has a member 'joining' already, at http://b:1. Give this one another --name",
            e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckSameAsync_DirectoryOfAnotherCluster_NamesBothAndWhatToDo()
    {
        await using RpcServer one = await ServeAsync();
        CoordinatorSettings settings = Settings(one);

        await ClusterJoin.CheckSameAsync(settings, 0xc1, new RpcChannelOptions(), Assert.Fail, CancellationToken.None);
        DataDirectoryException e = await Assert.ThrowsAsync<DataDirectoryException>(() => ClusterJoin.CheckSameAsync(
            settings, 0xc2, new RpcChannelOptions(), Assert.Fail, CancellationToken.None));

        Assert.Contains(
            $"is of the cluster c2, and http://{one.Address.Authority}, which --initial-cluster names, is of the " +
            "cluster c1. Give the --data-dir that this member has in that cluster", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckSameAsync_NobodyCanBeAsked_IsPassedOverAndTold()
    {
        List<string> silent = [];
        RpcServer gone = await ServeAsync();
        CoordinatorSettings settings = Settings(gone);
        await gone.DisposeAsync();

        await ClusterJoin.CheckSameAsync(settings, 0xc2, new RpcChannelOptions(), silent.Add, CancellationToken.None);

        Assert.Equal([$"http://{gone.Address.Authority}"], silent);
    }

    [Fact]
    public void Resolve_RequestsLargerThanPeersTake_IsRefused()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => CoordinatorSettings.Resolve(
            new CoordinatorOptions { MaxRequestBytes = (32 << 20) + 1 }));
        Assert.Contains("--max-request-bytes: 33554433 must be above 0 and at most 33554432", e.Message,
            StringComparison.Ordinal);
        Assert.InRange(
            new CoordinationServiceOptions { RequestBytesMax = 32 << 20 }.MessageBytesMax, 0,
            PeerService.FrameBytesMax / 3 * 2);
    }

    private static CoordinatorSettings Settings(params RpcServer[] members) =>
        CoordinatorSettings.Resolve(new CoordinatorOptions
        {
            Name = "joining",
            InitialCluster = string.Join(',', members.Select((member, i) => $"m{i}=http://{member.Address.Authority}")
                .Append($"joining={Own}")),
            InitialAdvertisePeerUrls = [Own],
            InitialClusterState = "existing",
        });

    private static async Task<RpcServer> ServeAsync(params Member[] members)
    {
        RpcServices services = new();
        Member other = new() { ID = 1, Name = "a", PeerURLs = { "http://a:1" } };
        services.MapUnary(PeerMethods.Describe, (_, _) => Task.FromResult(
            new DescribeResponse { ClusterId = 0xc1, MemberId = 1, Members = { other, members } }));
        return await RpcServer.StartAsync(
            services, new RpcServerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
    }
}
