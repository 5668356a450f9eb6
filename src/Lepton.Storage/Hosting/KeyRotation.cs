using Lepton.Storage.Cluster;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Hosting;

/// <summary>
/// Wraps data keys anew once the cluster key was replaced. One node does so, the first that lives by its id; that two
/// may take themselves for it does no harm.
/// </summary>
internal sealed class KeyRotation(
    IMetadataStore metadata, ClusterKeys keys, IClusterSource cluster, TimeProvider timeProvider, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Begins to look, now and again, whether there is anything to do.</summary>
    public void Start() => _running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>Looks once.</summary>
    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (cluster.View.Live.Keys.Order().FirstOrDefault() != cluster.Self)
        {
            return;
        }

        KeyRewrap pass = new(metadata, keys);
        if (!await pass.RunAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        if (pass.Failed.Count > 0)
        {
            StorageLog.RewrapFailed(logger, pass.Failed.Count, string.Join(' ', pass.Failed.Take(5)));
        }
        else
        {
            StorageLog.Rewrapped(logger, pass.Rewrapped);
        }
    }

    private async Task RunAsync()
    {
        using PeriodicTimer timer = new(s_period, timeProvider);
        do
        {
            try
            {
                await RunOnceAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // Whatever it was: a rotation that has silently ended would leave the old key in use.
                StorageLog.UpkeepFailed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false));
    }
}
