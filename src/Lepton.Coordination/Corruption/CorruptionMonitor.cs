using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Corruption;

/// <summary>Runs a <see cref="CorruptionCheck"/> beside everything else: hashing takes long where there are many
/// keys.</summary>
internal sealed class CorruptionMonitor(CorruptionCheck check, TimeProvider timeProvider, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Begins.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using PeriodicTimer timer = new(Period, timeProvider);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            try
            {
                await check.TickAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it was: a check that has silently ended would look like one that finds nothing.
                CorruptionLog.NotDone(logger, e.ToString());
            }
        }
    }
}
