using Lepton.Coordination.Client;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>
/// A server that the contract suite runs against. One stands for a whole test run; tests keep to keys of their own.
/// </summary>
public interface ICoordinationServerFixture
{
    /// <summary>Ends the test as skipped, with the reason, where the server can't be started here.</summary>
    void RequireRunning();

    /// <summary>A client of the server, which the caller disposes.</summary>
    CoordinationClient NewClient(CoordinationClientOptions? options = null);
}
