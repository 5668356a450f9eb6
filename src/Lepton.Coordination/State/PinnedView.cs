using Lepton.Coordination.Store;

namespace Lepton.Coordination.State;

/// <summary>A store as of one revision, which the caller has pinned.</summary>
internal sealed class PinnedView(KvStore store, long revision) : TxnView
{
    /// <inheritdoc/>
    public override long Revision => revision;

    /// <inheritdoc/>
    public override long CompactedRevision { get; } = store.CompactedRevision;

    /// <inheritdoc/>
    public override RangeResult Range(in RangeQuery query) => store.Range(query.Revision > 0
        ? query
        : query with { Revision = revision, IsPinned = true });
}
