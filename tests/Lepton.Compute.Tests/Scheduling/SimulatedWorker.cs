using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Tests.Scheduling;

/// <summary>
/// A worker that runs for virtual time: first in, first out, as many at once as it has slots. Messages to and from it
/// take their time and keep their order.
/// </summary>
internal sealed class SimulatedWorker(SimulatedCluster cluster, int id, int slots)
{
    private readonly LinkedList<Order> _waiting = [];
    private readonly SortedDictionary<long, (Order Order, TimeSpan Since)> _running = [];
    private readonly HashSet<(int Cache, int Partition)> _cached = [];
    private TimeSpan _lastIn;
    private TimeSpan _lastOut;

    public WorkerView View { get; } = new(id, $"w{id}", slots);

    public bool IsAlive { get; private set; } = true;

    /// <summary>The copies that it runs at this moment.</summary>
    public IReadOnlyList<TaskCopy> Running => [.. _running.Values.Select(run => run.Order.Copy)];

    public void Assign(TaskCopy copy)
    {
        var order = new Order(copy, SimulatedJob.Inputs(copy.Task.Stage));
        Deliver(() =>
        {
            _waiting.AddLast(order);
            Start();
        });
    }

    public void Cancel(TaskCopy copy) => Deliver(() =>
    {
        if (Remove(copy.Id))
        {
            Answer(copy, () => cluster.Core.Fail(copy, null, cluster.Time.Now));
        }
        else if (_running.ContainsKey(copy.Id) && !cluster.IsStubborn(copy))
        {
            cluster.Time.After(cluster.Random.NextInt32(20), () => Finish(copy, isCancelled: true));
        }
    });

    public void Revoke(TaskCopy copy) => Deliver(() =>
    {
        long[] given = Remove(copy.Id) ? [copy.Id] : [];
        Answer(copy, () => cluster.Core.Revoked(given, cluster.Time.Now));
    });

    public void Beat()
    {
        foreach ((Order order, TimeSpan since) in _running.Values)
        {
            long elapsedMs = (long)(cluster.Time.Now - since).TotalMilliseconds;
            Answer(order.Copy, () => cluster.Core.Observe(order.Copy.Id, elapsedMs, cluster.Time.Now));
        }

        _lastOut = cluster.Time.At(Later(_lastOut), () => cluster.Receive(this, static () => { }));
    }

    /// <summary>For some time nothing comes to it or from it; then it all does.</summary>
    public void FallSilent(double ms)
    {
        TimeSpan until = cluster.Time.Now + TimeSpan.FromMilliseconds(ms);
        _lastIn = until > _lastIn ? until : _lastIn;
        _lastOut = until > _lastOut ? until : _lastOut;
    }

    /// <summary>It forgets a cache.</summary>
    public void Release(int cache) => Deliver(() => _cached.RemoveWhere(block => block.Cache == cache));

    /// <summary>It ends, with all that it runs and holds. What it has sent still arrives.</summary>
    public void Die()
    {
        IsAlive = false;
        _waiting.Clear();
        _running.Clear();
    }

    private void Deliver(Action message)
    {
        _lastIn = cluster.Time.At(Later(_lastIn), () =>
        {
            if (IsAlive)
            {
                message();
            }
        });
    }

    private void Answer(TaskCopy copy, Action message)
    {
        _lastOut = cluster.Time.At(Later(_lastOut), () => cluster.Receive(this, message));
        if (cluster.Random.NextInt32(30) == 0)
        {
            // Twice: the host looks each copy up first, and a copy that was answered is unknown.
            _lastOut = cluster.Time.At(Later(_lastOut), () =>
            {
                if (cluster.Core.Find(copy.Id) is null)
                {
                    cluster.Receive(this, static () => { });
                }
            });
        }
    }

    private TimeSpan Later(TimeSpan last)
    {
        TimeSpan at = cluster.Time.Now + TimeSpan.FromMicroseconds(50 + cluster.Random.NextInt32(2000));
        return at > last ? at : last;
    }

    private bool Remove(long copy)
    {
        Order? order = _waiting.FirstOrDefault(order => order.Copy.Id == copy);
        return order is not null && _waiting.Remove(order);
    }

    private void Start()
    {
        while (_running.Count < slots && _waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            TaskCopy copy = first.Value.Copy;
            cluster.Started(this, copy);
            _running.Add(copy.Id, (first.Value, cluster.Time.Now));
            cluster.Time.After(cluster.DurationMs(copy), () => Finish(copy, isCancelled: false));
        }
    }

    private void Finish(TaskCopy copy, bool isCancelled)
    {
        if (!IsAlive || !_running.Remove(copy.Id, out (Order Order, TimeSpan Since) run))
        {
            return;
        }

        double ms = (cluster.Time.Now - run.Since).TotalMilliseconds;
        if (isCancelled)
        {
            Answer(copy, () => cluster.Core.Fail(copy, null, cluster.Time.Now));
        }
        else if (cluster.Kills(copy))
        {
            _running.Add(copy.Id, run);
            cluster.Kill(this);
            return;
        }
        else if (!IsCachedHere(copy) && Unreadable(run.Order) is var (shuffle, partition))
        {
            Answer(copy, () => cluster.FetchFailed(copy, shuffle, partition));
        }
        else if (cluster.Breaks(copy))
        {
            Answer(copy, () => cluster.Core.Fail(
                copy, Scene.Fault(TaskFaultKind.InputOutput), cluster.Time.Now));
        }
        else
        {
            Succeed(copy, ms);
        }

        Start();
    }

    private void Succeed(TaskCopy copy, double ms)
    {
        bool adds = CacheOf(copy) is { } cache && _cached.Add((cache, copy.Task.Partition));
        var output = new OutputLocation { Worker = View.Name, Path = $"{copy.Task}#{copy.Id}" };
        cluster.Outputs.Add(output.Path);
        Answer(copy, () => cluster.Succeed(this, copy, output, ms, adds));
    }

    private bool IsCachedHere(TaskCopy copy) =>
        CacheOf(copy) is { } cache && _cached.Contains((cache, copy.Task.Partition));

    private static int? CacheOf(TaskCopy copy) =>
        copy.Task.Stage.Label.Length == 0 ? null : int.Parse(copy.Task.Stage.Label.AsSpan(6), null);

    private (int Shuffle, int Partition)? Unreadable(Order order)
    {
        foreach ((int shuffle, OutputLocation?[] outputs) in order.Inputs)
        {
            int bad = Array.FindIndex(outputs, output => output is null || !cluster.CanRead(output));
            if (bad >= 0)
            {
                return (shuffle, bad);
            }
        }

        return null;
    }

    private sealed record Order(TaskCopy Copy, IReadOnlyList<(int Shuffle, OutputLocation?[] Outputs)> Inputs);
}
