using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>
/// Reads one block from the nearest node that has it: this one, then the block's targets, those of the same zone first,
/// then every other node: wherever an older layout, or none, has put it, it is found. Who does not answer soon is not
/// waited for: the next is asked beside it.
/// </summary>
internal sealed class BlockFetch(PeerSet peers, ReplicationOptions options, BlockRef block)
{
    private readonly List<(ClusterNode Node, Task<BlockBuffer> Work)> _running = [];
    private readonly List<(ClusterNode Node, BlockException Fault)> _faults = [];

    /// <summary>Whether a node where the block belongs has said that it has it not, or not any more as it
    /// was.</summary>
    public bool LacksCopies { get; private set; }

    /// <summary>Reads it.</summary>
    /// <exception cref="BlockException">No node gives it.</exception>
    public async Task<BlockBuffer> RunAsync(CancellationToken cancellationToken)
    {
        ClusterView view = peers.Cluster.View;
        NodeId[] targets = [.. view.Layout.TargetsOf(block.Id)];
        Queue<ClusterNode> rest = new(Order(view, targets));
        using CancellationTokenSource cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            Start();
            while (_running.Count > 0)
            {
                Task hedge = options.Threads.DelayAsync(
                    rest.Count > 0 ? options.HedgeTime : Timeout.InfiniteTimeSpan, options.TimeProvider, cut.Token);
                Task first = await Task.WhenAny([.. _running.Select(static one => (Task)one.Work), hedge])
                    .ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (first == hedge)
                {
                    _running.ForEach(one => peers.Suspect(one.Node.Id));
                    Start();
                }
                else if (await TakeAsync(_running.FindIndex(one => one.Work == first)).ConfigureAwait(false) is
                    { } found)
                {
                    LacksCopies = _faults.Exists(one => IsLack(one.Fault) && targets.Contains(one.Node.Id));
                    return found;
                }
                else if (_running.Count == 0)
                {
                    Start();
                }
            }

            throw NoCopy(view);
        }
        finally
        {
            await options.Threads.CancelAsync(cut).ConfigureAwait(false);
            _running.ForEach(static one => _ = DiscardAsync(one.Work));
        }

        void Start()
        {
            if (rest.TryDequeue(out ClusterNode? node))
            {
                _running.Add((node, peers.Of(node).GetAsync(block.Id, cut.Token)));
            }
        }
    }

    private static bool IsLack(BlockException fault) =>
        fault.Failure is BlockFailure.Missing or BlockFailure.Damaged;

    private static async Task DiscardAsync(Task<BlockBuffer> work)
    {
        try
        {
            (await work.ConfigureAwait(false)).Dispose();
        }
        catch (Exception e) when (e is BlockException or OperationCanceledException)
        {
            // Another node was quicker.
            return;
        }
    }

    private async Task<BlockBuffer?> TakeAsync(int index)
    {
        (ClusterNode node, Task<BlockBuffer> work) = _running[index];
        _running.RemoveAt(index);
        try
        {
            BlockBuffer read = await work.ConfigureAwait(false);
            peers.Heard(node.Id, null);
            if (read.Content.Length == block.Length)
            {
                return read;
            }

            int length = read.Content.Length;
            read.Dispose();
            throw new BlockException(
                BlockFailure.Damaged,
                $"The block {block.Id} has {length} bytes, and what refers to it says {block.Length}. It is not " +
                "given; put the object again.");
        }
        catch (BlockException e)
        {
            peers.Heard(node.Id, e);
            _faults.Add((node, e));
            return null;
        }
    }

    private IEnumerable<ClusterNode> Order(ClusterView view, NodeId[] targets)
    {
        NodeId self = peers.Cluster.Self;
        string? zone = view.Layout.Find(self)?.Zone;
        bool has = peers.Local.Blocks.Has(block.Id);
        return view.Layout.Nodes
            .Select(node => (Node: node, Place: Place(node)))
            .OrderBy(static one => one.Place)
            .Select(static one => one.Node);

        int Place(ClusterNode node)
        {
            if (node.Id == self)
            {
                // Where this node has it, it is nearest. Where it should have it, it is asked all the same: to know.
                return has || targets.Contains(self) ? -1 : 1_000;
            }

            int target = Array.IndexOf(targets, node.Id);
            int place = target < 0 ? 1000 : target + (node.Zone == zone ? 0 : targets.Length);
            place += peers.IsSuspect(node.Id) ? 10_000 : 0;
            return view.IsLive(node.Id) ? place : place + 100_000;
        }
    }

    private BlockException NoCopy(ClusterView view)
    {
        if (view.Layout.Nodes.Count == 1 && _faults is [(_, var only)])
        {
            return only;
        }

        // A node that was not heard may have it.
        BlockFailure failure =
            _faults.Count == 0 || _faults.Exists(static one => !IsLack(one.Fault)) ? BlockFailure.Unreachable
            : _faults.Exists(static one => one.Fault.Failure == BlockFailure.Damaged) ? BlockFailure.Damaged
            : BlockFailure.Missing;
        string what = string.Join("; ", _faults.Select(static one => $"'{one.Node.Name}': {one.Fault.Message}"));
        return new BlockException(
            failure,
            $"No node gives the block {block.Id}. {what} " + (failure == BlockFailure.Unreachable
                ? "Start the nodes that do not answer, then read again."
                : "Put the objects again that have it."));
    }
}
