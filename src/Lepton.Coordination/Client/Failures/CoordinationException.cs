using Lepton.Rpc;

namespace Lepton.Coordination.Client;

/// <summary>
/// An operation on the coordination store failed. The message says what was to be done, who failed and how, and what to
/// do next.
/// </summary>
public class CoordinationException : Exception
{
    internal CoordinationException(
        CoordinationFailure failure, RpcParty party, string endpoint, string message, Exception? inner = null)
        : base(message, inner) => (Failure, Party, Endpoint) = (failure, party, endpoint);

    /// <summary>Why.</summary>
    public CoordinationFailure Failure { get; }

    /// <summary>Who failed: the one who called, the server, or the way between.</summary>
    public RpcParty Party { get; }

    /// <summary>The server that it failed at, the last where several were tried.</summary>
    public string Endpoint { get; }
}
