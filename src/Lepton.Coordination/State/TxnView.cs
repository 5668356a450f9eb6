using Lepton.Coordination.Protocol;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.State;

/// <summary>What a transaction reads and changes.</summary>
internal abstract class TxnView
{
    /// <summary>The revision as of which it reads now; its own changes are in it.</summary>
    public abstract long Revision { get; }

    /// <summary>The first revision that can be read.</summary>
    public abstract long CompactedRevision { get; }

    /// <summary>Reads.</summary>
    public abstract RangeResult Range(in RangeQuery query);

    /// <summary>Whether there is such a lease.</summary>
    public virtual bool HasLease(long id) => throw Reading();

    /// <summary>Puts a key.</summary>
    public virtual PutResponse Put(PutRequest request) => throw Reading();

    /// <summary>Deletes keys.</summary>
    public virtual DeleteRangeResponse DeleteRange(DeleteRangeRequest request) => throw Reading();

    private static InvalidOperationException Reading() =>
        new("A transaction that changes keys was run as one that only reads.");
}
