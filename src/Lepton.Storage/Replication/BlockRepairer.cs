using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>Gives the nodes where blocks belong the copies that they lack. Thread safe.</summary>
internal sealed class BlockRepairer(PeerSet peers, ReplicatedBlocks blocks)
{
    /// <summary>Sees who lacks blocks, and gives them what they lack.</summary>
    /// <param name="some">The blocks.</param>
    /// <param name="layout">Where they belong: without the nodes that are lost.</param>
    /// <param name="budget">Waits until a number of bytes may be moved.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What was done, and what could not.</returns>
    public async Task<RepairOutcome> RepairAsync(
        IReadOnlyList<BlockRef> some, ClusterLayout layout, Func<long, CancellationToken, ValueTask> budget,
        CancellationToken cancellationToken)
    {
        Dictionary<BlockRef, List<ClusterNode>> lacking = await FindLackingAsync(some, layout, cancellationToken)
            .ConfigureAwait(false);
        RepairOutcome outcome = new(0, 0, 0, []);
        foreach ((BlockRef block, List<ClusterNode> nodes) in lacking)
        {
            outcome = outcome with { Missing = outcome.Missing + nodes.Count };
            try
            {
                using BlockBuffer content = await blocks.ReadForRepairAsync(block, cancellationToken)
                    .ConfigureAwait(false);
                outcome = await GiveAsync(block, content.Content, nodes, outcome).ConfigureAwait(false);
            }
            catch (BlockException e)
            {
                if (e.Failure is BlockFailure.Missing or BlockFailure.Damaged)
                {
                    outcome.Lost.Add(block);
                }

                // The others are not to wait for this one; the next pass comes to it again.
                outcome.Faults.Add($"{block.Id}: {e.Message}");
            }
        }

        return outcome;

        async Task<RepairOutcome> GiveAsync(
            BlockRef block, ReadOnlyMemory<byte> content, List<ClusterNode> nodes, RepairOutcome before)
        {
            RepairOutcome after = before;
            foreach (ClusterNode node in nodes)
            {
                try
                {
                    await budget(block.Length, cancellationToken).ConfigureAwait(false);
                    await peers.Of(node).RestoreAsync(block.Id, content, cancellationToken).ConfigureAwait(false);
                    after = after with { Made = after.Made + 1, Bytes = after.Bytes + block.Length };
                }
                catch (IOException e)
                {
                    // The next one may have room, or a better disk.
                    after.Faults.Add($"{block.Id}: {e.Message}");
                }
            }

            return after;
        }
    }

    private async Task<Dictionary<BlockRef, List<ClusterNode>>> FindLackingAsync(
        IReadOnlyList<BlockRef> some, ClusterLayout layout, CancellationToken cancellationToken)
    {
        Dictionary<NodeId, List<BlockRef>> byTarget = [];
        foreach (BlockRef block in some)
        {
            foreach (NodeId target in layout.TargetsOf(block.Id))
            {
                (byTarget.TryGetValue(target, out List<BlockRef>? refs) ? refs : byTarget[target] = [])
                    .Add(block);
            }
        }

        ClusterView view = peers.Cluster.View;
        Dictionary<BlockRef, List<ClusterNode>> lacking = [];
        foreach ((NodeId target, List<BlockRef> asked) in byTarget)
        {
            if (view.IsLive(target) && layout.Find(target) is { } node
                && await AskAsync(node, asked, cancellationToken).ConfigureAwait(false) is { } has)
            {
                for (int i = 0; i < has.Length; i++)
                {
                    if (!has[i])
                    {
                        (lacking.TryGetValue(asked[i], out List<ClusterNode>? nodes) ? nodes
                            : lacking[asked[i]] = []).Add(node);
                    }
                }
            }
        }

        return lacking;
    }

    /// <summary>Null where the node does not answer: nobody can say what it lacks.</summary>
    private async Task<bool[]?> AskAsync(
        ClusterNode node, List<BlockRef> asked, CancellationToken cancellationToken)
    {
        try
        {
            return await peers.Of(node).HaveAsync(
                [.. asked.Select(static block => block.Id)], null, cancellationToken).ConfigureAwait(false);
        }
        catch (BlockException e)
        {
            peers.Heard(node.Id, e);
            return null;
        }
    }
}

/// <summary>What a repair came to.</summary>
/// <param name="Missing">How many copies were missing, of the nodes that answered.</param>
/// <param name="Made">How many of them were made.</param>
/// <param name="Bytes">Of how many bytes.</param>
/// <param name="Faults">Why others were not.</param>
internal sealed record RepairOutcome(int Missing, int Made, long Bytes, List<string> Faults)
{
    /// <summary>Of which all nodes have said that they have no good copy.</summary>
    public List<BlockRef> Lost { get; } = [];
}
