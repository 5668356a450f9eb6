using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Metadata;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Objects;

/// <summary>
/// Finds which of this node's blocks the metadata refers to, and which of those belong elsewhere and are there, and has
/// the others' room freed. One run at a time.
/// </summary>
/// <param name="metadata">What refers to blocks.</param>
/// <param name="contents">Where they lie.</param>
/// <param name="spareTime">
/// For how long a block must have been found unneeded before it is freed: somebody may have read, just before, that it
/// is needed, and be about to read it, here or through another node.
/// </param>
/// <param name="timeProvider">By which that is told.</param>
internal sealed class GarbageCollector(
    IMetadataStore metadata, ContentStore contents, TimeSpan spareTime, TimeProvider timeProvider)
{
    private readonly long _startedAt = timeProvider.GetTimestamp();
    private Dictionary<BlockId, TimeSpan> _unneededSince = [];

    /// <summary>
    /// Of the blocks that were needed here at the last run, those that not all the nodes have where they belong, this
    /// one aside; null before there was one.
    /// </summary>
    public KeptBlocks? OnlyHere { get; private set; }

    /// <summary>
    /// Runs one collection. Memory: some 60 bytes for each block of this node. Where a list of blocks can't be read,
    /// it ends without freeing anything, as nobody knows what that list needs.
    /// </summary>
    /// <returns>How many bytes were freed.</returns>
    /// <exception cref="BlockException">A block that lists others can't be read.</exception>
    /// <exception cref="CoordinationException">The metadata store fails, or has compacted what was being
    /// read.</exception>
    /// <exception cref="IOException">The disk can't be used.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        BlockStore local = contents.Blocks.Local;
        using Collection collection = Collection.Begin(local);
        HashSet<BlockId> needed = [];
        Revision asOf = contents.Blocks.KnownAsOf;
        BlockScan scan = new(metadata, contents);
        await scan.RunAsync(
            block =>
            {
                // What comes later than this was put since the collection began, and is held.
                if (local.Contains(block.Id))
                {
                    needed.Add(block.Id);
                }
            },
            cancellationToken).ConfigureAwait(false);
        if (scan.Unreadable.Count > 0)
        {
            throw new BlockException(
                BlockFailure.Damaged,
                $"Nothing is freed, as the lists of blocks of {scan.Unreadable.Count} objects or parts can't be " +
                $"read: {string.Join("; ", scan.Unreadable)}. Start the nodes that have them; where they are lost, " +
                "put these objects again or delete them, and abort the uploads.");
        }

        HashSet<BlockId> elsewhere = await contents.Blocks.FindSurplusAsync([.. needed], cancellationToken)
            .ConfigureAwait(false);
        needed.ExceptWith(elsewhere);
        OnlyHere = new KeptBlocks(needed.Count, asOf);
        Spare(local, needed);
        await collection.RunAsync(needed, cancellationToken).ConfigureAwait(false);
        return collection.BytesFreed;
    }

    /// <summary>Adds to what is needed what has not been unneeded for long enough.</summary>
    private void Spare(BlockStore local, HashSet<BlockId> needed)
    {
        TimeSpan now = timeProvider.GetElapsedTime(_startedAt);
        Dictionary<BlockId, TimeSpan> unneeded = [];
        foreach (BlockId id in local.Ids().Where(id => !needed.Contains(id)))
        {
            unneeded[id] = _unneededSince.TryGetValue(id, out TimeSpan since) ? since : now;
        }

        _unneededSince = unneeded;
        needed.UnionWith(unneeded.Where(one => now - one.Value < spareTime).Select(static one => one.Key));
    }
}
