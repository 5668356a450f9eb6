using System.Globalization;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using Lepton.Core.Randomness;

namespace Lepton.Compute.Tests.Scheduling;

/// <summary>
/// A whole session without processes: the cores, a host as thin as the real one, workers that are slow, fail, lose
/// and die, and a few jobs.
/// All that happens follows from the seed.
/// </summary>
internal sealed class SimulatedCluster
{
    private const int StepsMax = 200_000;
    private const int ShapeOfKiller = 7;
    private readonly ulong _seed;
    private readonly bool _isRecording;
    private readonly DispatchOptions _options;
    private readonly SortedDictionary<int, SimulatedWorker> _workers = [];
    private readonly List<SimulatedJob> _jobs = [];
    private readonly Dictionary<TaskEntry, int> _kills = [];
    private readonly Dictionary<TaskEntry, int> _breaks = [];
    private readonly HashSet<string> _damaged = new(StringComparer.Ordinal);
    private readonly HashSet<(TaskEntry Task, int Worker)> _stubborn = [];
    private int _lastWorker;
    private int _deathsLeft;
    private int _breaksLeft;
    private int _damageLeft;

    public SimulatedCluster(ulong seed, bool isRecording = false)
    {
        _seed = seed;
        _isRecording = isRecording;
        Random = new SeededRandom(seed);
        _options = new DispatchOptions { Seed = seed, SpeculateAfter = TimeSpan.FromMilliseconds(100) };
        Core = new DispatchCore(_options);
        _deathsLeft = Random.NextInt32(6);
        _breaksLeft = Random.NextInt32(6);
        _damageLeft = Random.NextInt32(3);
    }

    public SeededRandom Random { get; }

    public VirtualTime Time { get; } = new();

    public DispatchCore Core { get; }

    public CacheRegistry Caches { get; } = new();

    /// <summary>The outputs that were made.</summary>
    public List<string> Outputs { get; } = [];

    /// <summary>How often each kind of thing happened.</summary>
    public SortedDictionary<string, int> Tally { get; } = new(StringComparer.Ordinal);

    /// <summary>What happened, where it is recorded.</summary>
    public List<string> Transcript { get; } = [];

    /// <summary>Runs everything to its end, and checks it. Throws where a rule is broken.</summary>
    public void Run()
    {
        int workers = 1 + Random.NextInt32(4);
        for (int i = 0; i < workers; i++)
        {
            Join();
        }

        int shape = Random.NextInt32(1000);
        int jobs = 1 + Random.NextInt32(3);
        for (int i = 0; i < jobs; i++)
        {
            int number = i;
            Time.After(Random.NextInt32(300), () => Begin(number, shape));
        }

        Time.After(50, Tick);
        Time.After(100, Beat);
        Time.After(Random.NextInt32(100), Harm);
        int steps = 0;
        while (_jobs.Count < jobs || _jobs.Any(job => job.End is null) || !Core.IsIdle)
        {
            Require(Time.Step(), "nothing is left to happen, but a job is not done");
            Require(++steps < StepsMax, "it goes on for ever");
        }

        foreach (SimulatedJob job in _jobs)
        {
            CheckEnd(job);
        }

        Require(Core.Workers.All(worker => worker.Outstanding.Count == 0 && worker.Pinned.Count == 0),
            "a worker still holds tasks");
    }

    /// <summary>A message arrives at the host, which no longer listens to workers that it has buried.</summary>
    public void Receive(SimulatedWorker worker, Action message)
    {
        if (_workers.ContainsKey(worker.View.Id))
        {
            worker.View.HeardAt = Time.Now;
            message();
            Drain();
        }
    }

    public void Started(SimulatedWorker worker, TaskCopy copy)
    {
        Require(worker.IsAlive, $"{copy.Task} starts on a dead worker");
        if (Random.NextInt32(8) == 0)
        {
            _stubborn.Add((copy.Task, worker.View.Id));
        }
    }

    public bool IsStubborn(TaskCopy copy) => _stubborn.Contains((copy.Task, copy.Worker.Id));

    public double DurationMs(TaskCopy copy)
    {
        double ms = 1 + Random.NextInt32(30);
        return Random.NextInt32(25) == 0 ? ms * 100 : copy.IsSpeculative ? ms / 2 : ms;
    }

    public bool CanRead(OutputLocation output) =>
        _workers.Values.Any(worker => worker.View.Name == output.Worker && worker.IsAlive)
            && !_damaged.Contains(output.Path);

    public bool Breaks(TaskCopy copy)
    {
        if (_breaksLeft == 0 || Random.NextInt32(8) != 0)
        {
            return false;
        }

        _breaksLeft--;
        _breaks[copy.Task] = _breaks.GetValueOrDefault(copy.Task) + 1;
        return true;
    }

    /// <summary>In some seeds, one task of the first job ends every worker that runs it.</summary>
    public bool Kills(TaskCopy copy) =>
        _seed % 10 == ShapeOfKiller && copy.Task == _jobs[0].Result.Tasks[0] && copy.Task.Phase == TaskPhase.Running;

    /// <summary>
    /// A worker dies. The host hears of it later, and starts another one. It holds it against the tasks that ran there,
    /// unless it ended the worker itself.
    /// </summary>
    public void Kill(SimulatedWorker worker, bool blamesTasks = true)
    {
        if (!worker.IsAlive)
        {
            return;
        }

        Write($"{worker.View.Name} dies");
        Count("death");
        IReadOnlyList<TaskCopy> running = blamesTasks ? worker.Running : [];
        worker.Die();
        Time.After(Random.NextInt32(100), () => Bury(worker, running));
        Time.After(50 + Random.NextInt32(300), Join);
    }

    public void FetchFailed(TaskCopy copy, int shuffle, int partition)
    {
        if (Core.Find(copy.Id) is null)
        {
            return;
        }

        Count("fetch failure");
        Write($"{copy.Task} can't read partition {partition} of {shuffle}");
        SimulatedJob job = JobOf(copy.Task);
        string? error = job.Stages.FetchFailed(copy, shuffle, partition, "gone", Time.Now);
        Require(error is null, $"{copy.Task}: {error}");
    }

    public void Succeed(SimulatedWorker worker, TaskCopy copy, OutputLocation output, double ms, bool addsToCache)
    {
        if (Core.Find(copy.Id) is null)
        {
            return;
        }

        if (addsToCache)
        {
            Caches.Add(int.Parse(copy.Task.Stage.Label.AsSpan(6), CultureInfo.InvariantCulture), copy.Task.Partition,
                worker.View.Id);
        }

        if (!Core.Succeed(copy, ms, Time.Now))
        {
            return;
        }

        SimulatedJob job = JobOf(copy.Task);
        Write($"{copy.Task} done by {worker.View.Name}");
        Require(job.End is null, $"{copy.Task} counts although its job is over");
        if (copy.Task.Stage == job.Result)
        {
            job.Results[copy.Task.Partition]++;
        }

        if (job.Stages.TaskDone(copy.Task, output, worker.View.Id, ms, Time.Now) && copy.Task.Stage == job.Result)
        {
            Finish(job, "done");
        }
    }

    private void Begin(int number, int shape)
    {
        SimulatedJob job = SimulatedJob.Build(number, shape, Core, Caches);
        _jobs.Add(job);
        Write($"{job.Name} begins");
        job.Stages.Activate(job.Result, Time.Now);
        Drain();
        if (Random.NextInt32(6) == 0)
        {
            Time.After(Random.NextInt32(200), () => Finish(job, "cancelled"));
        }
    }

    private void Finish(SimulatedJob job, string how)
    {
        if (job.End is null)
        {
            Write($"{job.Name} {how}");
            Count(how.Split(':')[0]);
            job.End = how;
            job.Stages.Withdraw(Time.Now);
            Drain();
        }
    }

    private void Join()
    {
        int id = ++_lastWorker;
        var worker = new SimulatedWorker(this, id, slots: 1 + Random.NextInt32(2)) { View = { HeardAt = Time.Now } };
        _workers.Add(id, worker);
        Write($"w{id} joins");
        Core.AddWorker(worker.View, Time.Now);
        Drain();
    }

    private void Bury(SimulatedWorker worker, IReadOnlyList<TaskCopy> running)
    {
        Write($"{worker.View.Name} is buried");
        foreach (TaskCopy copy in running.Where(copy => Core.Find(copy.Id) is { CancelledAt: null }))
        {
            _kills[copy.Task] = _kills.GetValueOrDefault(copy.Task) + 1;
        }

        _workers.Remove(worker.View.Id);
        Caches.RemoveWorker(worker.View.Id);
        foreach (SimulatedJob job in _jobs)
        {
            job.Stages.ForgetWorker(worker.View.Id);
        }

        Core.RemoveWorker(worker.View.Id, running.Select(copy => copy.Id).ToHashSet(), "died", Time.Now);
        Drain();
        foreach (SimulatedJob job in _jobs)
        {
            job.Stages.Recover(Time.Now);
        }

        Drain();
    }

    private void Tick()
    {
        Core.Tick(Time.Now);
        Drain();
        Time.After(50, Tick);
    }

    private void Beat()
    {
        foreach (SimulatedWorker worker in _workers.Values.Where(worker => worker.IsAlive))
        {
            worker.Beat();
        }

        Time.After(100, Beat);
    }

    private void Harm()
    {
        List<SimulatedWorker> alive = [.. _workers.Values.Where(worker => worker.IsAlive)];
        if (_damageLeft > 0 && Outputs.Count > 0 && Random.NextInt32(2) == 0)
        {
            _damageLeft--;
            _damaged.Add(Outputs[Random.NextInt32(Outputs.Count)]);
        }
        else if (Random.NextInt32(20) == 0)
        {
            int cache = Random.NextInt32(4);
            Caches.Remove(cache);
            alive.ForEach(worker => worker.Release(cache));
        }
        else if (alive.Count > 0 && Random.NextInt32(40) == 0)
        {
            SimulatedWorker worker = alive[Random.NextInt32(alive.Count)];
            Write($"{worker.View.Name} falls silent");
            Count("silence");
            worker.FallSilent(Random.NextInt32(8000));
        }
        else if (_deathsLeft > 0 && alive.Count > 0)
        {
            _deathsLeft--;
            Kill(alive[Random.NextInt32(alive.Count)]);
        }

        Time.After(10 + Random.NextInt32(150), Harm);
    }

    private void Drain()
    {
        for (int i = 0; i < Core.Effects.Count; i++)
        {
            Carry(Core.Effects[i]);
        }

        Core.Effects.Clear();
    }

    private void Carry(DispatchEffect effect)
    {
        Write(Scene.Words(effect));
        Count(effect.Copy!.IsSpeculative && effect.Kind == DispatchEffectKind.Assign ? "Twin" : effect.Kind.ToString());
        SimulatedWorker? worker = _workers.GetValueOrDefault(effect.Copy.Worker.Id);
        switch (effect.Kind)
        {
            case DispatchEffectKind.Assign:
                Require(worker is not null, $"{effect.Task} is sent to {effect.Copy.Worker.Name}, which is gone");
                Require(worker!.View.Outstanding.Count <= worker.View.Window,
                    $"{worker.View.Name} holds more than its window");
                Require(effect.Task.Copies.Count(copy =>
                    copy.CancelledAt is null) <= 2, $"{effect.Task} has three copies");
                Require(
                    JobOf(effect.Task).End is null || effect.Copy.CancelledAt is not null,
                    $"{effect.Task} is sent although its job is over");
                worker.Assign(effect.Copy);
                break;
            case DispatchEffectKind.Cancel:
                worker?.Cancel(effect.Copy);
                break;
            case DispatchEffectKind.Revoke:
                worker?.Revoke(effect.Copy);
                break;
            case DispatchEffectKind.KillWorker:
                Kill(worker!, blamesTasks: false);
                break;
            case DispatchEffectKind.Fail:
                CheckFailure(effect);
                Finish(JobOf(effect.Task), $"failed: {effect.Reason}");
                break;
            default:
                break;
        }
    }

    private void CheckFailure(DispatchEffect effect)
    {
        bool isRight = effect.Fault!.Kind switch
        {
            TaskFaultKind.WorkerDied => effect.Task.WorkersKilled.Count == _options.WorkerKillsMax
                && _kills.GetValueOrDefault(effect.Task) >= _options.WorkerKillsMax,
            TaskFaultKind.InputOutput => _breaks.GetValueOrDefault(effect.Task) > _options.RetriesMax,
            _ => false,
        };
        Require(isRight, $"{effect.Task} is given up without need: {effect.Fault}");
    }

    private void CheckEnd(SimulatedJob job)
    {
        if (job.End == "done")
        {
            Require(job.Results.All(count => count == 1), $"{job.Name} has results {string.Join(",", job.Results)}");
        }

        if (_seed % 10 == ShapeOfKiller && job == _jobs[0])
        {
            Require(job.End != "done", "a task that ends every worker was never blamed");
        }
    }

    private SimulatedJob JobOf(TaskEntry task) => _jobs.Single(job => job.Stages.Stages.Contains(task.Stage));

    private void Count(string what) => Tally[what] = Tally.GetValueOrDefault(what) + 1;

    private void Write(string line)
    {
        if (_isRecording)
        {
            Transcript.Add(string.Create(CultureInfo.InvariantCulture, $"{Time.Now.TotalMilliseconds,9:0.00} {line}"));
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
