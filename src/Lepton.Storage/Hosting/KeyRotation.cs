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
    private static readonly TimeSpan s_pauseMax = TimeSpan.FromMinutes(10);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private TimeSpan _pause = s_period;

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

            // Each time all records are read: what needs somebody's hand is not tried twice a minute.
            _pause = _pause * 2 < s_pauseMax ? _pause * 2 : s_pauseMax;
            return;
        }

        _pause = s_period;
        if (pass.IsComplete)
        {
            StorageLog.Rewrapped(logger, pass.Rewrapped);
        }
    }

    private async Task RunAsync()
    {
        while (true)
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

            await Task.Delay(_pause, timeProvider, _stopping.Token).ConfigureAwait(false);
        }
    }
}
