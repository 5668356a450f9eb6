using System.Globalization;
using System.Net;
using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Tests.Services;

/// <summary>The services of a cluster of one, at a port of their own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly CoordinationServices _services;
    private readonly RpcServer _server;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false });

    private TestServer(
        SingleNode node, LeaseKeeper leases, CoordinationServices services, LocalServices local, RpcServer server)
    {
        Local = local;
        Node = node;
        Leases = leases;
        _services = services;
        _server = server;
        Channel = new RpcChannel(server.Address);
    }

    public SingleNode Node { get; }

    public LeaseKeeper Leases { get; }

    public Uri Address => _server.Address;

    /// <summary>The same services for callers in this process.</summary>
    public LocalServices Local { get; }

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
        LocalServices local = new("default");
        services.MapTo(map, local);
        leases.Tick();
        RpcServer server = await RpcServer.StartAsync(
            map, new RpcServerOptions { MessageBytesMax = options.MessageBytesMax });
        MemberAttributes attributes = new()
        {
            MemberId = node.Status.Id.Value,
            ClientUrls = { $"http://{server.Address.Authority}" },
        };
        await node.ProposeAsync(new Command { MemberAttributes = attributes }.ToByteArray(), CancellationToken.None);
        return new TestServer(node, leases, services, local, server);
    }

    /// <summary>What is answered to a plain HTTP request.</summary>
    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(Address, path));
        using HttpResponseMessage response = await _http.SendAsync(request, CancellationToken.None);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A number of <c>/metrics</c>.</summary>
    public async Task<long> MetricAsync(string name)
    {
        (_, string text) = await GetAsync("/metrics");
        string line = text.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return long.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        Channel.Dispose();
        await _server.DisposeAsync();
        _services.Dispose();
    }
}
