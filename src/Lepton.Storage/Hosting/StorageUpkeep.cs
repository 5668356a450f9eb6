using Lepton.Storage.Objects;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Hosting;

/// <summary>Collects garbage and ends forgotten uploads, again and again.</summary>
internal sealed class StorageUpkeep(
    GarbageCollector collector, UploadStore uploads, TimeSpan period, TimeProvider timeProvider, ILogger logger)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Returns when it is wanted before the period is over; null for never.</summary>
    public Func<CancellationToken, Task>? Sooner { get; init; }

    /// <summary>Begins; where the period is zero, it does nothing.</summary>
    public void Start()
    {
        if (period > TimeSpan.Zero)
        {
            _running = RunAsync();
        }
    }

    /// <summary>Does it once.</summary>
    internal async Task RunOnceAsync()
    {
        long ended = await TryAsync(async stop => await uploads.AbortForgottenAsync(stop).ConfigureAwait(false))
            .ConfigureAwait(false);
        long freed = await TryAsync(collector.RunAsync).ConfigureAwait(false);
        if (ended > 0 || freed > 0)
        {
            StorageLog.UpkeepDone(logger, freed, ended);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task WaitAsync()
    {
        if (Sooner is null)
        {
            await Task.Delay(period, timeProvider, _stopping.Token).ConfigureAwait(false);
            return;
        }

        using (CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token))
        {
            await Task.WhenAny(Task.Delay(period, timeProvider, either.Token), Sooner(either.Token))
                .ConfigureAwait(false);
            await either.CancelAsync().ConfigureAwait(false);
        }

        _stopping.Token.ThrowIfCancellationRequested();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await WaitAsync().ConfigureAwait(false);
            await RunOnceAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Tries a piece of upkeep; the others are not kept from theirs where it fails.</summary>
    private async Task<long> TryAsync(Func<CancellationToken, Task<long>> work)
    {
        try
        {
            return await work(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            // Whatever it was: upkeep that has silently ended would fill the disk.
            StorageLog.UpkeepFailed(logger, e.Message);
            return 0;
        }
    }
}
