using Lepton.Coordination.Client;
using Lepton.Storage.Cluster;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Hosting;

/// <summary>
/// When a node that is being drained should count again what it must keep: whoever waits to remove it wants to know
/// sooner than by the hourly collection.
/// </summary>
internal sealed class DrainCount(ClusterMonitor cluster, Func<KeptBlocks?> kept, TimeProvider timeProvider)
{
    /// <summary>A count reads all metadata.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private Revision? _drainedSince;

    /// <summary>Returns when it is time.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await cluster.WaitAsync(IsWanted, cancellationToken).ConfigureAwait(false);
        await Task.Delay(s_pause, timeProvider, cancellationToken).ConfigureAwait(false);
    }

    private bool IsWanted(ClusterView view)
    {
        if (view.Layout.Find(cluster.Self) is not { IsDraining: true })
        {
            _drainedSince = null;
            return false;
        }

        _drainedSince ??= view.Revision;
        return kept() is not { Count: 0 } counted || counted.AsOf < _drainedSince;
    }
}
