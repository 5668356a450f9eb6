using Lepton.Rpc;

namespace Lepton.Coordination.Client;

/// <summary>
/// A write went out, and no answer came back: it may have taken effect, may yet, or never will. It was not sent again,
/// because it could have been done twice. Read to find out, or repeat it where that does no harm.
/// </summary>
public sealed class OutcomeUnknownException : CoordinationException
{
    internal OutcomeUnknownException(RpcParty party, string endpoint, string message, Exception? inner = null)
        : base(CoordinationFailure.OutcomeUnknown, party, endpoint, message, inner)
    {
    }
}
