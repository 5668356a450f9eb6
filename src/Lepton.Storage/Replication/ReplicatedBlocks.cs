using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>The blocks of all nodes, as one node sees them. Thread safe.</summary>
/// <param name="peers">All nodes.</param>
/// <param name="repairs">Where blocks go that lack copies.</param>
/// <param name="options">How long others are waited for.</param>
/// <param name="cache">Keeps what others gave; null for nothing.</param>
internal sealed class ReplicatedBlocks(
    PeerSet peers, IRepairQueue repairs, ReplicationOptions options, BlockCache? cache = null)
{
    private long _uploads;

    /// <summary>The threads by which blocks are sent while others are read.</summary>
    public WorkThreads Threads => options.Threads;

    /// <summary>This node's own blocks.</summary>
    public BlockStore Local => peers.Local.Blocks;

    /// <summary>As of when this node knows the others.</summary>
    public Revision KnownAsOf => peers.Cluster.View.Revision;

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
        // What belongs on this node is not looked for elsewhere: that it is missing must come out.
        bool isOthers = cache is not null && !Local.Has(block.Id)
            && !peers.Cluster.View.Layout.TargetsOf(block.Id).Contains(peers.Cluster.Self);
        if (isOthers && cache!.Find(block) is { } kept)
        {
            return kept;
        }

        BlockFetch fetch = new(peers, options, block);
        BlockBuffer read = await fetch.RunAsync(cancellationToken).ConfigureAwait(false);
        if (fetch.LacksCopies)
        {
            repairs.Add(block);
        }

        if (isOthers)
        {
            cache!.Add(block, read.Content);
        }

        return read;
    }

    /// <summary>Reads a block of which copies are being made: another repair is not asked for. One that can't be made
    /// now, such as on a full disk, would be tried again without a pause.</summary>
    /// <exception cref="BlockException">No node gives it.</exception>
    public Task<BlockBuffer> ReadForRepairAsync(BlockRef block, CancellationToken cancellationToken) =>
        new BlockFetch(peers, options, block).RunAsync(cancellationToken);
}
