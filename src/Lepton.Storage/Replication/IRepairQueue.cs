using Lepton.Storage.Blocks;

namespace Lepton.Storage.Replication;

/// <summary>Takes note of blocks that lack copies.</summary>
internal interface IRepairQueue
{
    /// <summary>
    /// Has a block looked at soon. Where too many wait already, it is left to the next pass over all blocks.
    /// </summary>
    void Add(BlockRef block);
}
