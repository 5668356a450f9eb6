using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>
/// Stores the blocks of one request on the nodes where they belong. They stay until it is released, or the session that
/// it began under is over. One flow at a time.
/// </summary>
internal sealed class ReplicaWriter(PeerSet peers, IRepairQueue repairs, ReplicationOptions options, UploadId upload)
{
    private readonly Dictionary<BlockId, Copies> _placed = [];
    private readonly Dictionary<NodeId, ClusterNode> _asked = [];

    /// <summary>The session that must still go on when the blocks are committed.</summary>
    public SessionId Session => upload.Session;

    /// <summary>Stores a block at a majority of its targets at least.</summary>
    /// <exception cref="BlockException">Too few nodes took it.</exception>
    public async Task<BlockRef> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlockRef block = new(BlockId.Of(content.Span), content.Length);
        if (_placed.ContainsKey(block.Id))
        {
            return block;
        }

        ClusterView view = peers.Cluster.View;
        int wanted = view.Layout.CopiesNow;
        CopyRound round = new(peers, options);
        await round.RunAsync(
            Candidates(view, block.Id), wanted, view.Layout.Majority, (node, peer, stop) =>
            {
                lock (_asked)
                {
                    _asked[node.Id] = node;
                }

                return peer.PutAsync(upload, block.Id, content, stop);
            },
            cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (round.Done.Count < view.Layout.Majority)
        {
            throw TooFew(view, round.Done.Count, round.Failed);
        }

        _placed.Add(block.Id, new Copies(block, [.. round.Done], wanted, view.Layout.Majority));
        return block;
    }

    /// <summary>Makes all blocks durable at a majority of their targets at least.</summary>
    /// <exception cref="BlockException">Too few nodes could.</exception>
    public async Task SealAsync(CancellationToken cancellationToken)
    {
        Dictionary<NodeId, List<BlockRef>> byNode = [];
        foreach (Copies copies in _placed.Values)
        {
            foreach (ClusterNode node in copies.Nodes)
            {
                (byNode.TryGetValue(node.Id, out List<BlockRef>? blocks) ? blocks : byNode[node.Id] = [])
                    .Add(copies.Block);
            }
        }

        // All that every block needs may be all nodes: how many are enough is only known block by block.
        int enough = byNode.Count - _placed.Values.Select(static copies => copies.Nodes.Count - copies.Majority)
            .DefaultIfEmpty(0).Min();
        CopyRound round = new(peers, options);
        await round.RunAsync(
            [.. byNode.Keys.Select(node => _asked[node])], byNode.Count, enough,
            (node, peer, stop) => peer.SealAsync(upload, byNode[node.Id], stop), cancellationToken)
            .ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (Copies copies in _placed.Values)
        {
            int durable = copies.Nodes.Count(round.Done.Contains);
            if (durable < copies.Majority)
            {
                throw TooFew(peers.Cluster.View, durable, round.Failed);
            }

            if (durable < copies.Wanted)
            {
                repairs.Add(copies.Block);
            }
        }
    }

    /// <summary>Lets go of the blocks; other nodes are told behind the back.</summary>
    public void Release()
    {
        foreach (ClusterNode node in _asked.Values)
        {
            _ = ReleaseAsync(peers.Of(node));
        }

        _asked.Clear();
    }

    private async Task ReleaseAsync(IBlockPeer peer)
    {
        try
        {
            await peer.ReleaseAsync(upload, CancellationToken.None).ConfigureAwait(false);
        }
        catch (BlockException)
        {
            // That node lets go of them when it learns that this node's session is over.
            return;
        }
    }

    /// <summary>The nodes that live, the best first; those that did not answer of late behind the others.</summary>
    private IEnumerable<ClusterNode> Candidates(ClusterView view, BlockId id) =>
        view.Layout.Rank(id).Where(view.IsLive).OrderBy(node => peers.IsSuspect(node) ? 1 : 0)
            .Select(node => view.Layout.Find(node)!);

    private static BlockException TooFew(
        ClusterView view, int done, List<(ClusterNode Node, Exception Fault)> failed)
    {
        ClusterLayout layout = view.Layout;
        if (layout.CopiesNow == 1 && failed is [(_, BlockException only)])
        {
            return only;
        }

        IEnumerable<string> dead = layout.Active.Where(node => !view.IsLive(node.Id))
            .Select(static node => $"'{node.Name}' shows no sign of life");
        IEnumerable<string> faults = failed.Select(static one => $"'{one.Node.Name}': {one.Fault.Message}");
        bool isFull = failed.Exists(static one => one.Fault is BlockException { Failure: BlockFailure.DiskFull });
        return new BlockException(
            isFull ? BlockFailure.DiskFull : BlockFailure.Unreachable,
            $"Of {layout.CopiesNow} copies, {layout.Majority} must be durable, and {done} could be made: " +
            $"{string.Join("; ", dead.Concat(faults))}. Nothing was written. Start these nodes again, or remove " +
            "those that are lost for good (lepton storage remove --lost); then try again.");
    }

    /// <param name="Block">The block.</param>
    /// <param name="Nodes">Who took it.</param>
    /// <param name="Wanted">How many should have it.</param>
    /// <param name="Majority">How many must.</param>
    private sealed record Copies(BlockRef Block, HashSet<ClusterNode> Nodes, int Wanted, int Majority);
}
