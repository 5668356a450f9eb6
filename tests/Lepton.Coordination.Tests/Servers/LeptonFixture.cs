using Lepton.Coordination.Client;
using Lepton.Coordination.Services;
using Lepton.Coordination.Tests.Services;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>
/// Lepton's own services and store, on a consensus of one that agrees with itself at once: what a client sees of the
/// server is real, what happens between members is not tested here.
/// </summary>
public sealed class LeptonFixture : ICoordinationServerFixture, IAsyncDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);
    private readonly Lazy<Task<TestServer>> _server = new(() => TestServer.StartAsync(
        new CoordinationServiceOptions(), forwarder: null, new FixedSnapshot(new byte[200_000])));

    private ITimer? _clock;

    public async Task RequireRunningAsync()
    {
        TestServer server = await _server.Value;
        _clock ??= TimeProvider.System.CreateTimer(_ => server.Leases.Tick(), null, s_tick, s_tick);
    }

    public CoordinationClient NewClient(CoordinationClientOptions? options = null) =>
        new((options ?? new CoordinationClientOptions()) with
        {
            Endpoints = [_server.Value.GetAwaiter().GetResult().Address],
        });

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (_clock?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (await _server.Value).DisposeAsync();
        }
    }
}
