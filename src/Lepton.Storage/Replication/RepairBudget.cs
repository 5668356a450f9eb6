namespace Lepton.Storage.Replication;

/// <summary>How many bytes a second all repairs of a node move together, at most. Thread safe.</summary>
/// <param name="bytesPerSecond">How many; after a pause, as many at once.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class RepairBudget(long bytesPerSecond, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly TokenBucket _bucket = new(bytesPerSecond, bytesPerSecond);
    private readonly long _startedAt = timeProvider.GetTimestamp();

    /// <summary>Returns when so many may be moved.</summary>
    public async ValueTask WaitAsync(long bytes, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_gate)
        {
            wait = _bucket.Take(bytes, timeProvider.GetElapsedTime(_startedAt));
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }
}
