namespace Lepton.Simulation.Objects;

/// <summary>
/// A process from its start to its end. Everything that reaches it passes through here: nothing does once it is over,
/// and while it is paused it all waits.
/// </summary>
internal sealed class NodeLife(ObjectCluster cluster)
{
    private readonly List<Action> _held = [];
    private readonly List<Action> _ended = [];

    public bool IsOver { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>Does something in the process.</summary>
    public void Do(Action action)
    {
        if (IsPaused)
        {
            _held.Add(action);
        }
        else if (!IsOver)
        {
            action();
        }
    }

    /// <summary>Fails what is asked for by what is left of a process that is over.</summary>
    public void DemandRunning()
    {
        cluster.DemandOneThread();
        ObjectDisposedException.ThrowIf(IsOver, this);
    }

    /// <summary>Does something in the process, later.</summary>
    public void After(long delayUs, Action action)
    {
        cluster.DemandOneThread();
        cluster.Events.After(delayUs, () => Do(action));
    }

    /// <summary>Has others told when it is over.</summary>
    public void WhenOver(Action action) => _ended.Add(action);

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        List<Action> held = [.. _held];
        _held.Clear();
        held.ForEach(Do);
    }

    public void End()
    {
        if (!IsOver)
        {
            IsOver = true;
            IsPaused = false;
            _held.Clear();
            _ended.ForEach(static action => action());
        }
    }
}
