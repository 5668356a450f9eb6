using Lepton.Coordination.Services;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Tests.Services;

/// <summary>The services of a cluster of one, at a port of their own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly CoordinationServices _services;
    private readonly RpcServer _server;

    private TestServer(SingleNode node, LeaseKeeper leases, CoordinationServices services, RpcServer server)
    {
        Node = node;
        Leases = leases;
        _services = services;
        _server = server;
        Channel = new RpcChannel(server.Address);
    }

    public SingleNode Node { get; }

    public LeaseKeeper Leases { get; }

    public Uri Address => _server.Address;

    public RpcChannel Channel { get; }

    public static async Task<TestServer> StartAsync(
        CoordinationServiceOptions? options, ILeaseForwarder? forwarder, ISnapshotExport? snapshots)
    {
        options ??= new CoordinationServiceOptions();
        LeaseKeeper leases = new(options.TimeProvider);
        SingleNode node = new(leases);
        CoordinationServices services = new(
            node, node.State, leases, 0xcdf818194e3a8c32, options, forwarder, snapshots);
        RpcServices map = new();
        services.MapTo(map);
        leases.Tick();
        RpcServer server = await RpcServer.StartAsync(
            map, new RpcServerOptions { MessageBytesMax = options.MessageBytesMax });
        return new TestServer(node, leases, services, server);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _server.DisposeAsync();
        _services.Dispose();
    }
}
