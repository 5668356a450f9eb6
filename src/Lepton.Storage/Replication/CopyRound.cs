using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>
/// Does something at several nodes at once. Where one fails, the next candidate takes its place; where enough have done
/// it, the rest is waited for a short time only.
/// </summary>
internal sealed class CopyRound(PeerSet peers, ReplicationOptions options)
{
    private readonly List<(ClusterNode Node, Task<Exception?> Work)> _running = [];

    /// <summary>Which nodes did it.</summary>
    public List<ClusterNode> Done { get; } = [];

    /// <summary>Which failed, and how.</summary>
    public List<(ClusterNode Node, Exception Fault)> Failed { get; } = [];

    /// <summary>Runs it. What was still under way when it returns has been given up, and uses nothing any
    /// more.</summary>
    /// <param name="candidates">The nodes, the best first.</param>
    /// <param name="wanted">How many are to do it.</param>
    /// <param name="enough">How many must have done it for the others not to be waited for.</param>
    /// <param name="work">What is to be done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RunAsync(
        IEnumerable<ClusterNode> candidates, int wanted, int enough,
        Func<ClusterNode, IBlockPeer, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        Queue<ClusterNode> rest = new(candidates);
        using CancellationTokenSource cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task? bound = null;
        try
        {
            while (true)
            {
                while (_running.Count + Done.Count < wanted && rest.TryDequeue(out ClusterNode? next))
                {
                    _running.Add((next, TryAsync(next, work, isAlone: wanted == 1, cut.Token)));
                }

                if (_running.Count == 0)
                {
                    return;
                }

                if (Done.Count >= enough)
                {
                    bound ??= options.Threads.DelayAsync(options.StragglerTime, options.TimeProvider, cut.Token);
                }

                Task first = await Task.WhenAny(
                    [.. _running.Select(static one => (Task)one.Work), .. bound is null ? [] : new[] { bound }])
                    .ConfigureAwait(false);
                if (first == bound)
                {
                    _running.ForEach(one => peers.Suspect(one.Node.Id));
                    return;
                }

                Take(_running.FindIndex(one => one.Work == first));
            }
        }
        finally
        {
            await options.Threads.CancelAsync(cut).ConfigureAwait(false);
            await Task.WhenAll(_running.Select(static one => one.Work)).ConfigureAwait(false);
        }
    }

    private void Take(int index)
    {
        (ClusterNode node, Task<Exception?> work) = _running[index];
        _running.RemoveAt(index);
        peers.Heard(node.Id, work.Result);
        if (work.Result is { } fault)
        {
            Failed.Add((node, fault));
        }
        else
        {
            Done.Add(node);
        }
    }

    private async Task<Exception?> TryAsync(
        ClusterNode node, Func<ClusterNode, IBlockPeer, CancellationToken, Task> work, bool isAlone,
        CancellationToken cancellationToken)
    {
        if (!isAlone)
        {
            // The disk of this node is written to by the thread that asks; the others are not to wait for that.
            await options.Threads.YieldAsync().ConfigureAwait(false);
        }

        try
        {
            await work(node, peers.Of(node), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is BlockException or IOException or OperationCanceledException)
        {
            return e;
        }
    }
}
