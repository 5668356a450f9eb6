using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>
/// Finds which of this node's blocks it need not keep: those that belong elsewhere, and that every node where they
/// belong has on its disk, and places by the same layout, so that it will not give them away either.
/// </summary>
internal sealed class SurplusFinder(PeerSet peers)
{
    private const int BatchBlocks = 4096;

    /// <summary>Finds them.</summary>
    public async Task<HashSet<BlockId>> RunAsync(
        IReadOnlyCollection<BlockId> own, CancellationToken cancellationToken)
    {
        ClusterView view = peers.Cluster.View;
        HashSet<BlockId> surplus = [];
        if (view.Layout.CopiesNow == 0)
        {
            return surplus;
        }

        foreach (BlockId[] some in own.Where(id => !view.Layout.TargetsOf(id).Contains(peers.Cluster.Self))
            .Chunk(BatchBlocks))
        {
            Dictionary<BlockId, int> has = [];
            foreach (ClusterNode node in view.Layout.Active)
            {
                BlockId[] asked = [.. some.Where(id => view.Layout.TargetsOf(id).Contains(node.Id))];
                bool[] answers = await AskAsync(view, node, asked, cancellationToken).ConfigureAwait(false);
                for (int i = 0; i < asked.Length; i++)
                {
                    has[asked[i]] = has.GetValueOrDefault(asked[i]) + (answers[i] ? 1 : 0);
                }
            }

            surplus.UnionWith(some.Where(id => has.GetValueOrDefault(id) == view.Layout.CopiesNow));
        }

        return surplus;
    }

    private async Task<bool[]> AskAsync(
        ClusterView view, ClusterNode node, BlockId[] asked, CancellationToken cancellationToken)
    {
        if (asked.Length == 0 || !view.IsLive(node.Id))
        {
            return new bool[asked.Length];
        }

        try
        {
            return await peers.Of(node).HaveAsync(asked, view.Layout.Fingerprint, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (BlockException e)
        {
            // Who does not answer has promised nothing.
            peers.Heard(node.Id, e);
            return new bool[asked.Length];
        }
    }
}
