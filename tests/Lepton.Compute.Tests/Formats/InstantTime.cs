using System.Collections.Concurrent;

namespace Lepton.Compute.Tests.Formats;

/// <summary>
/// Time in which waiting takes none: timers fire at once and are noted, but for those that last
/// <paramref name="never"/>.
/// </summary>
internal sealed class InstantTime(TimeSpan never) : TimeProvider
{
    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public DateTimeOffset Now { get; init; } = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new NoTimer();
        if (dueTime != never && dueTime != Timeout.InfiniteTimeSpan)
        {
            Waits.Enqueue(dueTime);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }

        return timer;
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
