using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>What a node makes of the others' silence.</summary>
/// <param name="Layout">Where blocks belong for now: without the nodes that are taken for lost.</param>
/// <param name="IsBraked">Whether nothing is to be moved: so many nodes vanished at once that it is rather the way to
/// them that is lost.</param>
/// <param name="Gone">The nodes that show no sign of life, lost or not.</param>
/// <param name="NextChange">When this changes if nothing else happens; null for never.</param>
internal sealed record RepairDecision(
    ClusterLayout Layout, bool IsBraked, IReadOnlyList<NodeId> Gone, TimeSpan? NextChange);

/// <summary>
/// Decides which nodes are lost, and whether anything may be moved. Pure: times are what has passed since some moment,
/// by a clock that never goes back. Not thread safe.
/// </summary>
/// <param name="repairAfter">How long a node must be gone to be taken for lost.</param>
internal sealed class RepairPolicy(TimeSpan repairAfter)
{
    private readonly SortedDictionary<NodeId, TimeSpan> _goneSince = [];

    /// <summary>Takes what is known now.</summary>
    public RepairDecision Step(ClusterView view, TimeSpan now)
    {
        HashSet<NodeId> gone = [.. view.Layout.Active.Select(static node => node.Id).Where(id => !view.IsLive(id))];
        foreach (NodeId back in _goneSince.Keys.Where(id => !gone.Contains(id)).ToArray())
        {
            _goneSince.Remove(back);
        }

        foreach (NodeId id in gone)
        {
            _goneSince.TryAdd(id, now);
        }

        HashSet<NodeId> lost = [.. _goneSince.Where(one => now - one.Value >= repairAfter).Select(one => one.Key)];
        TimeSpan[] waiting = [.. _goneSince.Where(one => !lost.Contains(one.Key)).Select(static one => one.Value)];
        return new RepairDecision(
            view.Layout.Without(lost), IsBraked(view.Layout.Active.Count), [.. _goneSince.Keys],
            waiting.Length == 0 ? null : waiting.Min() + repairAfter);
    }

    /// <summary>Whether half of the nodes, and two at least, vanished within the time after which one is
    /// lost.</summary>
    private bool IsBraked(int nodes) => _goneSince.Values.Any(first =>
    {
        int together = _goneSince.Values.Count(since => since >= first && since - first <= repairAfter);
        return together >= 2 && 2 * together >= nodes;
    });
}
