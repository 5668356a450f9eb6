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
