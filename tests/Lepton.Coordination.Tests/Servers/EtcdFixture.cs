using Lepton.Coordination.Client;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>One etcd of one member, of Debian's package, for all contract tests.</summary>
public sealed class EtcdFixture : ICoordinationServerFixture, IAsyncLifetime
{
    private EtcdCluster? _etcd;

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => _etcd!.Endpoints[0];

    public async ValueTask InitializeAsync()
    {
        if (EtcdCluster.IsInstalled)
        {
            _etcd = await EtcdCluster.StartAsync(members: 1);
        }
    }

    public void RequireRunning() => EtcdCluster.RequireInstalled();

    public CoordinationClient NewClient(CoordinationClientOptions? options = null)
    {
        RequireRunning();
        return new CoordinationClient((options ?? new CoordinationClientOptions()) with { Endpoints = [Endpoint] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_etcd is not null)
        {
            await _etcd.DisposeAsync();
        }
    }
}
