using Lepton.Coordination.Client;

namespace Lepton.Coordination.Tests.Servers;

/// <summary>
/// A server that the contract suite runs against. One stands for a whole test run; tests keep to keys of their own.
/// </summary>
public interface ICoordinationServerFixture
{
    /// <summary>
    /// Starts the server where it does not run yet. Ends the test as skipped, with the reason, where it can't run here.
    /// </summary>
    Task RequireRunningAsync();

    /// <summary>A client of the server, which the caller disposes.</summary>
    CoordinationClient NewClient(CoordinationClientOptions? options = null);
}
