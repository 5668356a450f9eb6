using Lepton.Rpc;

namespace Lepton.Coordination.Client;

/// <summary>
/// A read or a watch needs history that was compacted. Nothing was told wrongly or left out up to here: read the
/// present state, and watch on from its revision.
/// </summary>
public sealed class CompactedException : CoordinationException
{
    internal CompactedException(string endpoint, Revision compactRevision, string message, Exception? inner = null)
        : base(CoordinationFailure.Compacted, RpcParty.Caller, endpoint, message, inner) =>
        CompactRevision = compactRevision;

    /// <summary>
    /// The history before this revision is gone; <see cref="Revision.None"/> where the server did not say, as for
    /// reads.
    /// </summary>
    public Revision CompactRevision { get; }
}
