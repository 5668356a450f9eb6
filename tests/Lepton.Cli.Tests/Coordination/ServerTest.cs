using System.Diagnostics.CodeAnalysis;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Cli.Tests.Coordination;

/// <summary>A test of commands on the coordination store, with a server of its own.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public abstract class ServerTest : IAsyncLifetime
{
    private MemberCluster? _server;

    private protected MemberCluster Server => _server!;

    private protected CoordinationClient Client { get; private set; } = null!;

    /// <summary>The option that leads a command to the server.</summary>
    private protected string[] Endpoints => ["--endpoints", Server.Endpoints[0].GetLeftPart(UriPartial.Authority)];

    public async ValueTask InitializeAsync()
    {
        _server = await MemberCluster.StartAsync(ServerProgram.Lepton, members: 1);
        Client = _server.NewClient();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is not null)
        {
            Client.Dispose();
            await _server.DisposeAsync();
        }
    }

    private protected Task<LeptonRun> RunAsync(params string[] arguments)
    {
        int dashes = Array.IndexOf(arguments, "--");
        string[] own = dashes < 0 ? arguments : arguments[..dashes];
        return LeptonRun.OfAsync([.. own, .. Endpoints, .. dashes < 0 ? [] : arguments[dashes..]]);
    }

    private protected StartedLepton Start(params string[] arguments)
    {
        int dashes = Array.IndexOf(arguments, "--");
        string[] own = dashes < 0 ? arguments : arguments[..dashes];
        return StartedLepton.Start("Lepton.Cli", [.. own, .. Endpoints, .. dashes < 0 ? [] : arguments[dashes..]]);
    }
}
