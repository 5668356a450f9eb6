namespace Lepton.Simulation.Objects;

/// <summary>A machine's clock for one process on it.</summary>
internal sealed class NodeClock(MachineClock clock, NodeLife life) : TimeProvider
{
    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => clock.NowUs;

    public override DateTimeOffset GetUtcNow() => clock.Date;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(NodeClock owner, TimerCallback callback, object? state) : ITimer
    {
        private long _version;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _version++;
            _period = period;
            Plan(dueTime, _version);
            return true;
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Plan(TimeSpan dueTime, long version)
        {
            if (dueTime < TimeSpan.Zero)
            {
                return;
            }

            owner.After(dueTime, () =>
            {
                if (version == _version)
                {
                    if (_period > TimeSpan.Zero)
                    {
                        Plan(_period, version);
                    }

                    callback(state);
                }
            });
        }
    }

    private void After(TimeSpan span, Action action) => life.After(clock.RealUs(span), action);
}
