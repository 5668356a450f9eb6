using Lepton.Coordination.Client;
using Lepton.Rpc;

namespace Lepton.Coordination.Recipes;

/// <summary>
/// What was to be done needs a lock, a leadership or a place in a queue that is lost. Stop what depends on it, and
/// acquire again.
/// </summary>
public sealed class LeaseLostException : CoordinationException
{
    internal LeaseLostException(LeaseLoss loss, string what, Exception? inner = null)
        : base(
            CoordinationFailure.LeaseNotFound,
            loss == LeaseLoss.DeadlinePassed ? RpcParty.Network : RpcParty.Callee, "",
            $"{what} is lost: {Why(loss)} Stop what depends on it, and acquire it again.", inner) => Loss = loss;

    /// <summary>Why.</summary>
    public LeaseLoss Loss { get; }

    private static string Why(LeaseLoss loss) => loss switch
    {
        LeaseLoss.Released => "it was given back.",
        LeaseLoss.DeadlinePassed => "no server has answered a keep-alive for as long as its lease lives.",
        LeaseLoss.LeaseEnded => "the server says that its lease has ended.",
        _ => "its key was deleted, or its lease revoked.",
    };
}
