using System.Diagnostics;
using Lepton.Compute.Events;
using Lepton.Compute.Execution;
using Lepton.Compute.Planning;
using Lepton.Compute.Protocol;
using Lepton.Compute.Replay;
using Lepton.Compute.Scheduling;
using Lepton.Core.Records;

namespace Lepton.Compute.Session;

/// <summary>
/// The scheduler's host: one thread that feeds the pure cores with what executors and callers say, and carries out
/// what they decide. All state of a session's jobs belongs to this thread.
/// </summary>
internal sealed class SessionLoop : IDisposable
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LateMin = TimeSpan.FromSeconds(2);
    private readonly LoopInbox _inbox = new();
    private readonly DispatchCore _dispatch;
    private readonly CacheRegistry _caches = new();
    private readonly SortedDictionary<int, ExecutorLink> _links = [];
    private readonly Dictionary<int, ActionRun> _actionOfStage = [];
    private readonly List<ActionRun> _actions = [];
    private readonly EffectSender _sender;
    private readonly SessionJournal _journal;
    private readonly JobEnding _ending;
    private readonly ProgressNews _progress;
    private readonly ResultIntake _intake;
    private readonly LeptonSessionOptions _options;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Thread _thread;
    private volatile bool _stopping;

    // Set when no worker is left and none can be started, or when the scheduler itself or its policy failed: jobs then
    // fail at once. Only the first passes, once another worker comes.
    private Func<JobFailedException>? _outOfService;
    private bool _isBroken;

    /// <summary>Why no job can run any more; null where jobs can. Read it when the loop has ended.</summary>
    public string? Failure { get; private set; }

    public SessionLoop(DispatchOptions dispatch, LeptonSessionOptions options, SessionJournal journal)
    {
        _dispatch = new DispatchCore(dispatch);
        _options = options;
        _journal = journal;
        _ending = new JobEnding(journal, () => Now);
        _progress = new ProgressNews(options.Progress, _ending, journal, () => _links.Count);
        _intake = new ResultIntake(_dispatch, _caches, journal, _ending, _progress, _actionOfStage);
        _time = options.Time;
        _started = _time.GetTimestamp();
        _sender = new EffectSender(
            id => _links.GetValueOrDefault(id), stage => _actionOfStage[stage].Plans[stage]);
        _thread = new Thread(Run) { IsBackground = true, Name = "Lepton scheduler" };
        _thread.Start();
    }

    /// <summary>The stages of a new action.</summary>
    public StageCore NewStages() => new(_dispatch, _caches);

    /// <summary>Where cached blocks lie. Only the scheduler's thread reads it.</summary>
    public CacheRegistry Caches => _caches;

    /// <summary>Called on the scheduler's thread for each task that is done; must be quick.</summary>
    public Action<TaskReport>? TaskFinished
    {
        get => _intake.TaskFinished;
        set => _intake.TaskFinished = value;
    }

    /// <summary>Called when an executor has to be ended by force, or has not been heard of for too long.</summary>
    public Action<ExecutorLink, string>? EndWorker { get; set; }

    /// <summary>Keeps failed tasks; null where nothing is kept. Set before the first job.</summary>
    public ReplayRecorder? Replays
    {
        get => _ending.Replays;
        set => _ending.Replays = value;
    }

    /// <summary>Has the scheduler's thread call something. False when the session has ended.</summary>
    public bool Post(Action call) => _inbox.Post(new LoopInput(null, null, call));

    /// <summary>Hands a message of an executor over; it is dropped when the loop has ended.</summary>
    public void Post(ExecutorLink link, FromExecutor message) => _inbox.Post(new LoopInput(link, message, null));

    /// <summary>Notes an executor that is on its way. From any thread.</summary>
    public void Launched(ExecutorLink link) => _journal.WorkerLaunched(link.Name);

    /// <summary>Adds an executor that can take tasks.</summary>
    public void Attach(ExecutorLink link)
    {
        if (!_isBroken)
        {
            (_outOfService, Failure) = (null, null);
        }

        link.View = new WorkerView(link.Id, link.Name, link.Slots) { HeardAt = Now };
        _links.Add(link.Id, link);
        _journal.WorkerStarted(link);
        _dispatch.AddWorker(link.View, Now);
    }

    /// <summary>
    /// Takes a dead executor out: nothing that it held counts as made, what it was running is retried, and what is
    /// still needed of its outputs is made again.
    /// </summary>
    public void Detach(ExecutorLink link, string cause, IReadOnlySet<long> running, long peakBytes)
    {
        if (!_links.Remove(link.Id))
        {
            return;
        }

        foreach (TaskCopy copy in link.View!.Outstanding.Where(copy => running.Contains(copy.Id)))
        {
            _journal.TaskLost(copy, RanFor(copy));
        }

        _journal.WorkerLost(link, cause, peakBytes, running.Count);
        _caches.RemoveWorker(link.Id);
        foreach (ActionRun action in _actions)
        {
            _journal.OutputsLost(link, action.Stages.ForgetWorker(link.Id));
        }

        _dispatch.RemoveWorker(link.Id, link.BlamesTasks ? running : new HashSet<long>(), cause, Now);
        _sender.Remove(link.Id);
        DrainEffects();
        foreach (ActionRun action in _actions.ToList())
        {
            action.Stages.Recover(Now);
        }
    }

    /// <summary>Runs a stage of an action to its result. Call it on the scheduler's thread.</summary>
    public void Start(
        ActionRun action, IReadOnlyList<StagePlan> planned, StageRun result,
        TaskCompletionSource<Parcel[]> waiter)
    {
        if (action.HasEnded)
        {
            // It failed between two of its jobs, or was released by a caller who no longer waits for this one.
            action.Refuse(waiter);
            return;
        }

        if (!_actions.Contains(action))
        {
            action.StartedAt = Now;
            _actions.Add(action);
            _journal.JobStarted(action.Name);
        }

        foreach (StagePlan plan in planned)
        {
            action.Stages.Add(plan.Run);
            action.Plans.Add(plan.Run.Id, plan);
            _actionOfStage.Add(plan.Run.Id, action);
            _journal.StagePlanned(plan.Run);
        }

        action.Result = result;
        action.Values = new Parcel[result.Tasks.Length];
        action.Waiter = waiter;
        if (result.Tasks.Length == 0)
        {
            waiter.TrySetResult(action.Values);
            return;
        }

        if (_outOfService is { } failure)
        {
            _ending.Fail(action, failure());
            return;
        }

        action.Stages.Activate(result, Now);
    }

    /// <summary>Writes a text to the event log.</summary>
    public void Note(string text) => _journal.Write(now => new Message(now, text));

    /// <summary>No worker can be started. Where none is left either, all jobs fail, now and later.</summary>
    public void GiveUp(string reason)
    {
        Note(reason);
        if (_links.Count == 0)
        {
            Failure ??= reason;
            FailAll(() => new JobFailedException(JobFailure.NoWorkers, reason));
        }
    }

    /// <summary>Fails all jobs, now and later, each with an exception of its own.</summary>
    public void FailAll(Func<JobFailedException> failure)
    {
        _outOfService = failure;
        foreach (ActionRun action in _actions.ToList())
        {
            _ending.Fail(action, failure());
        }
    }

    /// <summary>Whether this is the scheduler's thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>The caller no longer waits: whatever still runs is cancelled.</summary>
    public void Cancel(ActionRun action, CancellationToken token)
    {
        if (!action.HasEnded && action.Waiter is { Task.IsCompleted: false } waiter)
        {
            action.HasEnded = true;
            action.Stages.Withdraw(Now);
            waiter.TrySetCanceled(token);
            _journal.JobFinished(action.Name, false, Now - action.StartedAt, "cancelled by the caller");
        }
    }

    /// <summary>
    /// The caller could not do with an action's results what belongs to it. No-op where it has ended.
    /// </summary>
    public void Fail(ActionRun action, Exception error)
    {
        if (_actions.Contains(action))
        {
            _ending.Fail(action, error);
        }
    }

    /// <summary>The action is over: executors forget its stages and outputs.</summary>
    public void Release(ActionRun action)
    {
        if (!_actions.Remove(action))
        {
            action.HasEnded = true;
            return;
        }

        if (!action.HasEnded)
        {
            action.HasEnded = true;
            _journal.JobFinished(action.Name, true, Now - action.StartedAt, null);
        }

        // Its result can be there while an output of it, lost meanwhile, is being made again.
        action.Stages.Withdraw(Now);
        DrainEffects();
        action.Refuse(action.Waiter!);
        var release = new Release();
        foreach (int stage in action.Plans.Keys)
        {
            release.Stages.Add(stage);
            _actionOfStage.Remove(stage);
        }

        Tell(release);
    }

    /// <summary>Executors forget a cache.</summary>
    public void ReleaseCache(int cache)
    {
        _caches.Remove(cache);
        var release = new Release();
        release.Caches.Add(cache);
        Tell(release);
    }

    /// <summary>The executors that are attached. Call it on the scheduler's thread.</summary>
    public IReadOnlyList<WorkerInfo> Workers() =>
        [.. _links.Values.Select(link => new WorkerInfo(
            link.Name, link.ProcessId, link.View!.Outstanding.Count, link.View.Finished))];

    /// <summary>Finds an attached executor by its name. Call it on the scheduler's thread.</summary>
    public ExecutorLink? Find(string name) => _links.Values.FirstOrDefault(link => link.Name == name);

    /// <summary>Ends the thread. Jobs that still wait fail.</summary>
    public void Dispose()
    {
        _stopping = true;
        Post(static () => { });
        _thread.Join();
    }

    private void Tell(Release release)
    {
        foreach (ExecutorLink link in _links.Values)
        {
            link.Forget(release);
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_started);

    // A dead worker can't say when a task began. What was never seen running began after its worker was last heard of.
    private TimeSpan RanFor(TaskCopy copy) => copy.RanFor(Now)
        ?? Now - (copy.AssignedAt > copy.Worker.HeardAt ? copy.AssignedAt : copy.Worker.HeardAt);

    private void Run()
    {
        List<LoopInput> inputs = [];
        TimeSpan nextTick = TickEvery;
        while (!_stopping)
        {
            inputs = _inbox.Take(inputs, TickEvery);
            foreach (LoopInput input in inputs)
            {
                Guard(() => Handle(input));
            }

            inputs.Clear();
            if (Now >= nextTick)
            {
                bool isLate = Now >= nextTick + LateMin;
                nextTick = Now + TickEvery;
                Guard(() => Tick(isLate));
            }

            Guard(DrainEffects);
        }

        // Callers wait for these.
        foreach (LoopInput input in _inbox.Close())
        {
            Guard(() => input.Call?.Invoke());
        }
    }

    /// <summary>
    /// Something of Lepton's own went wrong that nobody expected: all jobs fail, now and later, and say so.
    /// </summary>
    public void FailBroken(string what, Exception e)
    {
        _dispatch.Effects.Clear();
        _isBroken = true;
        Failure ??= $"Lepton's {what} failed: {e.GetType().Name}: {e.Message}";
        FailAll(() => new JobFailedException(
            JobFailure.Defect,
            $"Lepton's {what} failed: {e.GetType().Name}: {e.Message} This is a defect of Lepton, not of the " +
            "job. Please report it with the stack; a new session can go on.",
            e));
    }

    /// <summary>The scheduler must not take the user's process along.</summary>
    private void Guard(Action step)
    {
        try
        {
            step();
        }
        catch (Exception e)
        {
            FailBroken("scheduler", e);
        }
    }

    private void Handle(LoopInput input)
    {
        if (input.Call is { } call)
        {
            call();
        }
        else if (input.Link is { View: not null, IsEnding: false } link && _links.ContainsKey(link.Id))
        {
            link.View.HeardAt = Now;
            try
            {
                _intake.Take(link, input.Message!, Now);
            }
            catch (Exception e) when (e is CorruptRecordException or ArgumentException or InvalidOperationException)
            {
                // What a worker says is not trusted: it is ended, and its work done elsewhere.
                EndWorker?.Invoke(link, $"it sent what can't be understood: {e.Message}");
                link.BlamesTasks = true;
            }
        }
    }

    private void Tick(bool isLate)
    {
        if (isLate)
        {
            // This process stood still (a debugger, a suspended machine), not the workers: what they said meanwhile
            // may not have come in yet.
            foreach (ExecutorLink link in _links.Values)
            {
                link.View!.HeardAt = Now;
            }
        }

        foreach (ExecutorLink link in _links.Values.Where(link =>
            Now - link.View!.HeardAt > _options.WorkerSilenceMax).ToList())
        {
            link.View!.HeardAt = Now;
            EndWorker?.Invoke(link, $"it gave no sign of life for {_options.WorkerSilenceMax.TotalSeconds:0.#} s");
            link.BlamesTasks = true;
        }

        _dispatch.Tick(Now);
        _progress.Tick(_actions, Now);
    }

    private void DrainEffects()
    {
        List<DispatchEffect> effects = _dispatch.Effects;
        for (int i = 0; i < effects.Count; i++)
        {
            Carry(effects[i]);
        }

        effects.Clear();
        _sender.Flush();
        if (_dispatch.BalancingFault is { } fault && !_isBroken)
        {
            _isBroken = true;
            Failure ??= fault.Text;
            FailAll(() => new JobFailedException(JobFailure.BalancingPolicy, fault.Text, fault.Thrown));
        }
    }

    private void Carry(DispatchEffect effect)
    {
        switch (effect.Kind)
        {
            case DispatchEffectKind.Assign:
                if (_dispatch.Find(effect.Copy!.Id) is not null)
                {
                    _sender.Assign(effect.Copy);
                }

                break;
            case DispatchEffectKind.Cancel:
                _sender.Cancel(effect.Copy!);
                break;
            case DispatchEffectKind.Revoke:
                _sender.Revoke(effect.Copy!);
                break;
            case DispatchEffectKind.Retry:
                _journal.Retry(effect.Copy!, effect.Reason, effect.Backoff);
                break;
            case DispatchEffectKind.Fail:
                if (_actionOfStage.TryGetValue(effect.Task.Stage.Id, out ActionRun? action))
                {
                    _ending.Fail(action, effect);
                }

                break;
            case DispatchEffectKind.KillWorker:
                EndWorker?.Invoke(_links[effect.Copy!.Worker.Id], effect.Reason);
                break;
            default:
                throw new UnreachableException();
        }
    }
}
