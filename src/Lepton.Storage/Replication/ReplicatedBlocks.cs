using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>The blocks of all nodes, as one node sees them. Thread safe.</summary>
internal sealed class ReplicatedBlocks(PeerSet peers, IRepairQueue repairs, ReplicationOptions options)
{
    private long _uploads;

    /// <summary>The threads by which blocks are sent while others are read.</summary>
    public WorkThreads Threads => options.Threads;

    /// <summary>This node's own blocks.</summary>
    public BlockStore Local => peers.Local.Blocks;

    /// <summary>Begins to store the blocks of a request.</summary>
    /// <exception cref="BlockException">This node has no session: the coordination store does not answer
    /// it.</exception>
    public ReplicaWriter Begin() => peers.Cluster.Session is { } session
        ? new ReplicaWriter(
            peers, repairs, options, new UploadId(session, Interlocked.Increment(ref _uploads)))
        : throw new BlockException(
            BlockFailure.Unreachable,
            "This node could not renew its lease at the coordination store for a while, and takes no writes until it " +
            "has another. Try again soon; where that does not help, see whether the coordination store runs.");

    /// <summary>Which of this node's blocks it need not keep, as all nodes have them where they belong.</summary>
    public Task<HashSet<BlockId>> FindSurplusAsync(
        IReadOnlyCollection<BlockId> own, CancellationToken cancellationToken) =>
        new SurplusFinder(peers).RunAsync(own, cancellationToken);

    /// <summary>Reads a block and verifies it. Where copies of it are missing or damaged, they are made behind the
    /// back.</summary>
    /// <exception cref="BlockException">No node gives it.</exception>
    public async Task<BlockBuffer> ReadAsync(BlockRef block, CancellationToken cancellationToken)
    {
        BlockFetch fetch = new(peers, options, block);
        BlockBuffer read = await fetch.RunAsync(cancellationToken).ConfigureAwait(false);
        if (fetch.LacksCopies)
        {
            repairs.Add(block);
        }

        return read;
    }

    /// <summary>Reads a block of which copies are being made: another repair is not asked for. One that can't be made
    /// now, such as on a full disk, would be tried again without a pause.</summary>
    /// <exception cref="BlockException">No node gives it.</exception>
    public Task<BlockBuffer> ReadForRepairAsync(BlockRef block, CancellationToken cancellationToken) =>
        new BlockFetch(peers, options, block).RunAsync(cancellationToken);
}
