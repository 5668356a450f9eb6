using Lepton.Coordination.Store;

namespace Lepton.Coordination.State;

/// <summary>The versions of keys that a snapshot for etcd holds. What is pinned stays, and what comes later is left
/// out.</summary>
internal static class SnapshotVersions
{
    /// <summary>What was there at the compacted revision and was not written by it, in the order of keys.</summary>
    public static IEnumerable<KeyVersion> Base(KvStore store, long compacted) => compacted < 0
        ? []
        : StoreScan.Heads(store).Select(head => head.At(compacted)).OfType<KeyVersion>()
            .Where(version => version.ModRevision < compacted);

    /// <summary>What happened from the compacted revision on, up to a revision, in the order of revisions.</summary>
    public static IEnumerable<KeyVersion> History(KvStore store, long compacted, long revision) =>
        StoreScan.History(store, compacted).TakeWhile(version => version.ModRevision <= revision);
}
