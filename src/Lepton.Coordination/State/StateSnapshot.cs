using System.Collections.Immutable;
using Lepton.Coordination.Store;
using Lepton.Raft;
using Lepton.Raft.Hosting;

namespace Lepton.Coordination.State;

/// <summary>
/// The state as it was when this was made. What it needs of the store is held by a pin on the compacted revision:
/// commands that come later only add.
/// </summary>
internal sealed class StateSnapshot : IStateSnapshot
{
    private readonly LogIndex _applied;
    private readonly StateManifest _manifest;
    private readonly ImmutableSortedDictionary<long, long> _leases;
    private readonly KvStore _store;
    private readonly RevisionPin _pin;
    private readonly long _revision;

    /// <summary>Fixes the state; by the thread that applies.</summary>
    public StateSnapshot(
        LogIndex applied, StateManifest manifest, ImmutableSortedDictionary<long, long> leases, KvStore store)
    {
        _applied = applied;
        _manifest = manifest;
        _leases = leases;
        _store = store;
        _revision = store.Revision;
        _pin = store.PinCompacted();
    }

    /// <summary>The last entry of the log that the state holds.</summary>
    public LogIndex Applied => _applied;

    /// <summary>What is neither keys nor leases.</summary>
    public StateManifest Manifest => _manifest;

    /// <summary>The leases by id, with the time that each was granted, in seconds.</summary>
    public ImmutableSortedDictionary<long, long> Leases => _leases;

    /// <summary>The store's revision.</summary>
    public long Revision => _revision;

    /// <summary>The revision up to which history is compacted; -1 where nothing is.</summary>
    public long CompactedRevision => _pin.Revision;

    /// <summary>What was there at the compacted revision and was not written by it, in the order of keys.</summary>
    public IEnumerable<KeyVersion> BaseVersions() => SnapshotVersions.Base(_store, _pin.Revision);

    /// <summary>What happened from the compacted revision on, in the order of revisions.</summary>
    public IEnumerable<KeyVersion> HistoryVersions() => SnapshotVersions.History(_store, _pin.Revision, _revision);

    /// <inheritdoc/>
    public void WriteTo(Stream data, CancellationToken cancellationToken)
    {
        using var writer = new SnapshotWriter(data, cancellationToken);
        writer.WriteManifest(_applied, _manifest, _leases, _revision, _pin.Revision);
        writer.WriteVersions(_store, _pin.Revision, _revision);
        writer.WriteDeletions(_store, _pin.Revision);
        writer.Finish();
    }

    /// <inheritdoc/>
    public void Dispose() => _pin.Dispose();
}
