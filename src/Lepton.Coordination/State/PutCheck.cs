using Lepton.Coordination.Protocol;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.State;

/// <summary>Whether a put can be carried out.</summary>
internal static class PutCheck
{
    /// <summary>Looks for the lease and the key that it needs.</summary>
    public static CommandFailure Check(TxnView view, PutRequest request)
    {
        if (request.Lease != 0 && !view.HasLease(request.Lease))
        {
            return CommandFailure.LeaseNotFound;
        }

        if (!request.IgnoreValue && !request.IgnoreLease)
        {
            return CommandFailure.None;
        }

        var there = view.Range(new RangeQuery(new KeyRange(request.Key.Memory)) { CountOnly = true });
        return there.Count == 0 ? CommandFailure.KeyNotFound : CommandFailure.None;
    }
}
