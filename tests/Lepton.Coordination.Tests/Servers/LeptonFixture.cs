using Lepton.Coordination.Client;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>Three members of Lepton's own, each a process, for all contract tests; started by the first.</summary>
public sealed class LeptonFixture : ICoordinationServerFixture, IAsyncDisposable
{
    private readonly Lazy<Task<MemberCluster>> _members = new(() => MemberCluster.StartAsync(ServerProgram.Lepton,
        members: 3));

    public async Task RequireRunningAsync()
    {
        ServerProgram.Lepton.Require();
        await _members.Value;
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => _members.Value.GetAwaiter().GetResult().Endpoints[0];

    public CoordinationClient NewClient(CoordinationClientOptions? options = null) =>
        _members.Value.GetAwaiter().GetResult().NewClient(options);

    public async ValueTask DisposeAsync()
    {
        if (_members.IsValueCreated)
        {
            await (await _members.Value).DisposeAsync();
        }
    }
}
