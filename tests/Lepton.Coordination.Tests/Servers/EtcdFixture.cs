using Lepton.Coordination.Client;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>One etcd of one member, of Debian's package, for all contract tests; started by the first.</summary>
public sealed class EtcdFixture : ICoordinationServerFixture, IAsyncDisposable
{
    private readonly Lazy<Task<MemberCluster>> _etcd = new(() => MemberCluster.StartAsync(ServerProgram.Etcd,
        members: 1));

    public async Task RequireRunningAsync()
    {
        ServerProgram.Etcd.Require();
        await _etcd.Value;
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => _etcd.Value.GetAwaiter().GetResult().Endpoints[0];

    public CoordinationClient NewClient(CoordinationClientOptions? options = null) =>
        _etcd.Value.GetAwaiter().GetResult().NewClient(options);

    public async ValueTask DisposeAsync()
    {
        if (_etcd.IsValueCreated)
        {
            await (await _etcd.Value).DisposeAsync();
        }
    }
}
