using System.Diagnostics.CodeAnalysis;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>
/// A part of the contract that any server of the protocol keeps. The server is a parameter: a derived class names it,
/// and adds nothing. For another one, such as a cluster of Lepton's nodes, add a fixture beside
/// <see cref="EtcdFixture"/>, and a class for each part.
/// </summary>
/// <remarks>Part after part, because compactions are felt by all keys.</remarks>
[Collection("contract")]
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public abstract class ContractTest(ICoordinationServerFixture server) : CoordinationTest, IAsyncLifetime
{
    private readonly List<CoordinationClient> _clients = [];
    private CoordinationClient? _client;

    private protected ICoordinationServerFixture Server { get; } = server;

    /// <summary>The test's client.</summary>
    private protected CoordinationClient Client => _client ??= NewClient();

    public async ValueTask InitializeAsync() => await Server.RequireRunningAsync();

    public ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Another client, with connections of its own.</summary>
    private protected CoordinationClient NewClient(CoordinationClientOptions? options = null)
    {
        CoordinationClient client = Server.NewClient(options);
        _clients.Add(client);
        return client;
    }
}
