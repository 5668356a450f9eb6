namespace Lepton.Simulation.World;

/// <summary>What will happen, in the order of a virtual time in microseconds; things of one time in the order in which
/// they were planned.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private long _order;

    /// <summary>The time now.</summary>
    public long NowUs { get; private set; }

    /// <summary>Plans something.</summary>
    public void After(long delayUs, Action action) =>
        _events.Enqueue(action, (NowUs + Math.Max(0, delayUs), _order++));

    /// <summary>Lets the next thing happen, if there is one before a time.</summary>
    public bool RunNext(long beforeUs)
    {
        if (!_events.TryPeek(out Action? action, out (long At, long Order) when) || when.At >= beforeUs)
        {
            NowUs = Math.Max(NowUs, beforeUs);
            return false;
        }

        _events.Dequeue();
        NowUs = when.At;
        action();
        return true;
    }
}
