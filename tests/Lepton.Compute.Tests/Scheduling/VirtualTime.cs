namespace Lepton.Compute.Tests.Scheduling;

/// <summary>Things that will happen, in the order of their times; of equal times, in the order in which they were
/// asked for.</summary>
internal sealed class VirtualTime
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private long _order;

    public TimeSpan Now { get; private set; }

    public TimeSpan After(double ms, Action what) => At(Now + TimeSpan.FromMilliseconds(ms), what);

    /// <summary>Has something happen at a time. Gives the time.</summary>
    public TimeSpan At(TimeSpan at, Action what)
    {
        _events.Enqueue(what, (at, _order++));
        return at;
    }

    /// <summary>Lets the next thing happen. False when nothing is left to come.</summary>
    public bool Step()
    {
        if (!_events.TryDequeue(out Action? what, out (TimeSpan At, long Order) when))
        {
            return false;
        }

        Now = when.At;
        what();
        return true;
    }
}
