using System.Globalization;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Tests.Scheduling;

/// <summary>The pure cores with a clock that the test turns, and their effects as words.</summary>
internal sealed class Scene
{
    private readonly Dictionary<string, TaskEntry> _tasks = new(StringComparer.Ordinal);

    public Scene(DispatchOptions? options = null)
    {
        Core = new DispatchCore(options ?? new DispatchOptions());
        Stages = new StageCore(Core, Caches);
    }

    public DispatchCore Core { get; }

    public StageCore Stages { get; }

    public CacheRegistry Caches { get; } = new();

    public TimeSpan Now { get; private set; }

    public static TaskFault Fault(TaskFaultKind kind, string text = "it broke") => new(kind, text, default, "w1");

    public WorkerView Worker(int id, int slots = 1)
    {
        var worker = new WorkerView(id, $"w{id}", slots) { HeardAt = Now };
        Core.AddWorker(worker, Now);
        return worker;
    }

    /// <summary>A stage without inputs, or with those of some producers; its inputs count as ready.</summary>
    public StageRun Stage(int id, int partitions, params StageRun[] producers) =>
        Stage(id, partitions, [.. producers.Select(producer => new StageInput(producer.Id, producer, []))]);

    public StageRun Stage(int id, int partitions, IReadOnlyList<StageInput> inputs, Func<int, int>? locate = null)
    {
        var stage = new StageRun(id, $"stage {id}", partitions, inputs, isShuffle: true)
        {
            InputsReady = true,
            Locate = locate,
        };
        foreach (TaskEntry task in stage.Tasks)
        {
            _tasks[task.ToString()] = task;
        }

        Stages.Add(stage);
        return stage;
    }

    public TaskEntry Task(string task) => _tasks[task];

    /// <summary>The copy of a task on a worker, or its only one.</summary>
    public TaskCopy Copy(string task, WorkerView? worker = null) =>
        _tasks[task].Copies.Single(copy => worker is null || copy.Worker == worker);

    public void Submit(StageRun stage) => Core.Submit(stage.Tasks, Now);

    public void Wait(double ms) => Now += TimeSpan.FromMilliseconds(ms);

    /// <summary>Time passes, and all workers but the silent one are heard of.</summary>
    public void Tick(double afterMs = 0, WorkerView? silent = null)
    {
        Wait(afterMs);
        foreach (WorkerView worker in Core.Workers.Where(worker => worker != silent))
        {
            worker.HeardAt = Now;
        }

        Core.Tick(Now);
    }

    /// <summary>A task succeeds, in the dispatcher and in its stage; its output lies with its worker.</summary>
    public void Succeed(string task, double ms = 10, WorkerView? worker = null)
    {
        TaskCopy copy = Copy(task, worker);
        if (Core.Succeed(copy, ms, Now))
        {
            var output = new OutputLocation { Worker = copy.Worker.Name, Path = $"{task}#{copy.Id}" };
            Stages.TaskDone(copy.Task, output, copy.Worker.Id, ms, Now);
        }
    }

    public void Fail(string task, TaskFaultKind kind) => Core.Fail(Copy(task), Fault(kind), Now);

    /// <summary>A worker dies, as the host reports it: the stages forget it, the dispatcher retries, the stages
    /// recover.</summary>
    public void Die(WorkerView worker, params string[] running)
    {
        HashSet<long> copies = [.. running.Select(task => Copy(task, worker).Id)];
        Caches.RemoveWorker(worker.Id);
        Stages.ForgetWorker(worker.Id);
        Core.RemoveWorker(worker.Id, copies, "killed by SIGKILL", Now);
        Stages.Recover(Now);
    }

    /// <summary>What the steps since the last call asked of the host.</summary>
    public string Said()
    {
        string text = string.Join("; ", Core.Effects.Select(Words));
        Core.Effects.Clear();
        return text;
    }

    public static string Words(DispatchEffect effect)
    {
        string worker = effect.Copy!.Worker.Name;
        return effect.Kind switch
        {
            DispatchEffectKind.Assign when effect.Copy.IsSpeculative => $"twin {effect.Task} on {worker}",
            DispatchEffectKind.Assign => $"{effect.Task} on {worker}",
            DispatchEffectKind.Cancel => $"cancel {effect.Task} on {worker}",
            DispatchEffectKind.Revoke => $"revoke {effect.Task} on {worker}",
            DispatchEffectKind.Retry => string.Create(
                CultureInfo.InvariantCulture,
                $"retry {effect.Task} after {effect.Backoff.TotalMilliseconds:0} ms: {effect.Reason}"),
            DispatchEffectKind.Fail => $"fail {effect.Task}, {effect.Fault!.Kind}: {effect.Reason}",
            _ => $"kill {worker}: {effect.Reason}",
        };
    }
}
