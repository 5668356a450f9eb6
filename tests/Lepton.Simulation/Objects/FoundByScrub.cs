using Lepton.Storage.Blocks;
using Lepton.Storage.Replication;

namespace Lepton.Simulation.Objects;

/// <summary>Counts what a scrub finds damaged before it is repaired.</summary>
internal sealed class FoundByScrub(ObjectCluster cluster, IRepairQueue repairs) : IRepairQueue
{
    public void Add(BlockRef block)
    {
        cluster.Faults.Hit(ObjectFault.DamageFoundByScrub);
        repairs.Add(block);
    }
}
