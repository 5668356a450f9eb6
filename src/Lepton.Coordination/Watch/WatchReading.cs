using Lepton.Coordination.Store;

namespace Lepton.Coordination.Watch;

/// <summary>What reading a watcher gave.</summary>
/// <param name="Outcome">Which kind.</param>
/// <param name="Changes">The changes. The list is shared between watchers of the same keys, so that what is made of it
/// once can serve them all; nobody changes it.</param>
/// <param name="CompactedRevision">Up to where history is compacted, where that ended the watcher.</param>
internal readonly record struct WatchReading(
    WatchOutcome Outcome, IReadOnlyList<KeyChange> Changes, long CompactedRevision = 0)
{
    /// <summary>Nothing.</summary>
    public static WatchReading Waiting { get; } = new(WatchOutcome.Waiting, []);
}
