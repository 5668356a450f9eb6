using Lepton.Core;
using Lepton.Core.Balancing;
using Lepton.Core.Randomness;

namespace Lepton.Compute.Scheduling;

/// <summary>
/// Decides which executor runs which task: locality first, then by the balancing policy; idle workers steal;
/// stragglers get a twin; failures are retried with back-off. Synchronous and pure: each public method is one step,
/// whose effects are left in <see cref="Effects"/> for the host to carry out. It knows no clock, process or socket. Not
/// thread safe.
/// </summary>
internal sealed class DispatchCore(DispatchOptions options)
{
    // Nobody waits for a copy whose twin was faster, and its worker holds what others need: it gets more time to end.
    private const int LoserGraceFactor = 10;
    private readonly SeededRandom _jitter = new(options.Seed);

    // By id: a plain list, since it is walked for every task and changes only when a worker comes or goes.
    private readonly List<WorkerView> _workers = [];
    private readonly Dictionary<long, TaskCopy> _copies = [];
    private readonly LinkedList<TaskEntry> _ready = [];
    private readonly List<TaskEntry> _backingOff = [];
    private readonly IBalancingPolicy _balancing = options.Balancing()
        ?? throw new ArgumentException("LeptonSessionOptions.Balancing made no policy, but null. Have it make one.");
    private BalancingCandidate[] _candidates = [];
    private WorkerView[] _candidateWorkers = [];
    private long _nextCopy = 1;

    /// <summary>What the last steps ask of the host, in order. The host empties it.</summary>
    public List<DispatchEffect> Effects { get; } = [];

    /// <summary>Executors that are there, by id.</summary>
    public List<WorkerView> Workers => _workers;

    /// <summary>True when no task waits, and no executor holds one: what tests ask at the end.</summary>
    public bool IsIdle => _ready.Count == 0 && _backingOff.Count == 0 && _copies.Count == 0;

    /// <summary>What the balancing policy did wrong; null while it has done its work. It is not asked again, and no
    /// task is assigned any more: the host fails the jobs.</summary>
    public BalancingFault? BalancingFault { get; private set; }

    public void AddWorker(WorkerView worker, TimeSpan now)
    {
        int place = _workers.FindIndex(other => other.Id > worker.Id);
        _workers.Insert(place < 0 ? _workers.Count : place, worker);
        Pump(now);
    }

    /// <summary>
    /// Takes a dead executor out. <paramref name="running"/> names the copies that it was running; those count
    /// against their tasks, the ones that only waited there do not.
    /// </summary>
    public void RemoveWorker(int id, IReadOnlySet<long> running, string cause, TimeSpan now)
    {
        if (Find(id) is not { } worker)
        {
            return;
        }

        _workers.Remove(worker);
        foreach (TaskCopy copy in worker.Outstanding.ToList())
        {
            Forget(copy);
            if (copy.Task.Phase != TaskPhase.Running || copy.CancelledAt is not null)
            {
                continue;
            }

            bool guilty = running.Contains(copy.Id);
            string text = $"{worker.Name} was lost ({cause})";
            var fault = new TaskFault(
                guilty ? TaskFaultKind.WorkerDied : TaskFaultKind.WorkerLost, text, default, worker.Name);
            if (guilty)
            {
                copy.Task.WorkersKilled.Add(text);
            }

            Settle(copy, fault, now);
        }

        foreach (TaskEntry task in worker.Pinned)
        {
            task.PinnedWorker = -1;
            _ready.AddLast(task);
        }

        Pump(now);
    }

    /// <summary>Queues tasks, in order.</summary>
    public void Submit(IReadOnlyList<TaskEntry> tasks, TimeSpan now)
    {
        foreach (TaskEntry task in tasks)
        {
            Invariant.Check(task.Phase is TaskPhase.Idle or TaskPhase.Blocked);
            Enqueue(task);
        }

        Pump(now);
    }

    /// <summary>Finds a copy that an executor speaks of; null when it is no longer wanted.</summary>
    public TaskCopy? Find(long copyId) => _copies.GetValueOrDefault(copyId);

    /// <summary>A copy succeeded. False when its task was done before (a twin was first).</summary>
    public bool Succeed(TaskCopy copy, double runMs, TimeSpan now)
    {
        Forget(copy);
        copy.Worker.Observe(runMs);
        bool first = copy.Task.Phase == TaskPhase.Running;
        if (first)
        {
            copy.Task.Phase = TaskPhase.Done;
            CancelCopies(copy.Task, now, options.CancelGrace * LoserGraceFactor);
        }

        Pump(now);
        return first;
    }

    /// <summary>A copy failed, or was cancelled (<paramref name="fault"/> is null).</summary>
    public void Fail(TaskCopy copy, TaskFault? fault, TimeSpan now)
    {
        Forget(copy);
        if (copy.Task.Phase == TaskPhase.Running && fault is not null && copy.CancelledAt is null)
        {
            Settle(copy, fault, now);
        }

        Pump(now);
    }

    /// <summary>A copy could not read its inputs. It waits, without blame, until its stage is submitted
    /// again.</summary>
    public void Block(TaskCopy copy, TimeSpan now)
    {
        Forget(copy);
        if (copy.Task.Phase == TaskPhase.Running && !copy.Task.HasLiveCopy)
        {
            copy.Task.Phase = TaskPhase.Blocked;
        }

        Pump(now);
    }

    /// <summary>An executor gave copies back unstarted.</summary>
    public void Revoked(IEnumerable<long> copyIds, TimeSpan now)
    {
        foreach (long id in copyIds)
        {
            if (_copies.TryGetValue(id, out TaskCopy? copy))
            {
                Forget(copy);
                if (copy.Task.Phase == TaskPhase.Running && !copy.Task.HasLiveCopy)
                {
                    copy.Task.Attempts--;
                    copy.Task.Phase = TaskPhase.Ready;
                    _ready.AddFirst(copy.Task);
                }
            }
        }

        Pump(now);
    }

    /// <summary>Ends all tasks that <paramref name="selected"/> names: those waiting are dropped, those running
    /// cancelled.</summary>
    public void Withdraw(IReadOnlyList<TaskEntry> selected, TimeSpan now)
    {
        if (selected.Count == 0)
        {
            return;
        }

        var gone = selected.ToHashSet();
        foreach (TaskEntry task in selected)
        {
            if (task.Phase is not TaskPhase.Done)
            {
                CancelCopies(task, now, options.CancelGrace);
                task.Phase = TaskPhase.Idle;
            }
        }

        RemoveWhere(_ready, gone);
        _backingOff.RemoveAll(gone.Contains);
        foreach (WorkerView worker in _workers.Where(worker => worker.Pinned.Any(gone.Contains)))
        {
            List<TaskEntry> kept = worker.Pinned.Where(task => !gone.Contains(task)).ToList();
            worker.Pinned.Clear();
            kept.ForEach(worker.Pinned.Enqueue);
        }

        Pump(now);
    }

    /// <summary>An executor says how long a copy has run.</summary>
    public void Observe(long copyId, long elapsedMs, TimeSpan now)
    {
        if (!_copies.TryGetValue(copyId, out TaskCopy? copy))
        {
            return;
        }

        (copy.ElapsedMs, copy.SeenAt) = (elapsedMs, now);
        EndIfOverdue(copy, now);
    }

    /// <summary>Time passes: back-offs and deadlines end, stragglers are doubled, queued work is evened out.</summary>
    public void Tick(TimeSpan now)
    {
        for (int i = _backingOff.Count - 1; i >= 0; i--)
        {
            if (_backingOff[i].ReadyAt <= now)
            {
                TaskEntry task = _backingOff[i];
                _backingOff.RemoveAt(i);
                Enqueue(task);
            }
        }

        Pump(now);
        EndStubborn(now);
        if (_ready.Count == 0)
        {
            if (options.Speculate)
            {
                Speculation.Consider(this, options, now);
            }

            Stealing.Consider(this, options, now);
        }

        EndOverdue(now);
    }

    /// <summary>Gives a running task a second copy on <paramref name="worker"/>.</summary>
    public void Twin(TaskEntry task, WorkerView worker, string reason, TimeSpan now) =>
        Assign(task, worker, isSpeculative: true, reason, now);

    private static void RemoveWhere(LinkedList<TaskEntry> list, HashSet<TaskEntry> gone)
    {
        for (LinkedListNode<TaskEntry>? node = list.First; node is not null;)
        {
            LinkedListNode<TaskEntry>? next = node.Next;
            if (gone.Contains(node.Value))
            {
                list.Remove(node);
            }

            node = next;
        }
    }

    private WorkerView? Find(int workerId) => _workers.Find(worker => worker.Id == workerId);

    private void Enqueue(TaskEntry task)
    {
        task.Phase = TaskPhase.Ready;
        if (task.PinnedWorker >= 0 && Find(task.PinnedWorker) is { } holder)
        {
            holder.Pinned.Enqueue(task);
            return;
        }

        task.PinnedWorker = -1;
        _ready.AddLast(task);
    }

    private void Pump(TimeSpan now)
    {
        foreach (WorkerView worker in _workers)
        {
            while (worker.Pinned.TryPeek(out TaskEntry? pinned) && worker.HasRoomFor(pinned, options, now))
            {
                Take(worker.Pinned.Dequeue(), worker, now);
            }
        }

        while (_ready.First is { } first && ChooseWorker(first.Value, now) is { } worker)
        {
            _ready.RemoveFirst();
            Take(first.Value, worker, now);
        }

        if (_ready.Count == 0 && _copies.Count > 0)
        {
            Stealing.Consider(this, options, now);
        }
    }

    private void Take(TaskEntry task, WorkerView worker, TimeSpan now)
    {
        if (!task.Stage.InputsReady)
        {
            task.Phase = TaskPhase.Blocked;
            return;
        }

        task.Phase = TaskPhase.Running;
        Assign(task, worker, isSpeculative: false, "", now);
    }

    private void Assign(TaskEntry task, WorkerView worker, bool isSpeculative, string reason, TimeSpan now)
    {
        var copy = new TaskCopy(_nextCopy++, task, worker, task.Attempts++, isSpeculative) { AssignedAt = now };
        copy.Node = worker.Outstanding.AddLast(copy);
        task.Copies.Add(copy);
        _copies.Add(copy.Id, copy);
        Effects.Add(new DispatchEffect(DispatchEffectKind.Assign, task, copy, reason, default, null));
    }

    private WorkerView? ChooseWorker(TaskEntry task, TimeSpan now)
    {
        if (BalancingFault is not null)
        {
            return null;
        }

        if (_candidates.Length < _workers.Count)
        {
            _candidates = new BalancingCandidate[_workers.Count];
            _candidateWorkers = new WorkerView[_workers.Count];
        }

        int count = 0;
        foreach (WorkerView worker in _workers)
        {
            if (worker.HasRoomFor(task, options, now))
            {
                _candidateWorkers[count] = worker;
                _candidates[count++] = new BalancingCandidate(worker.Id, worker.Slots, worker.Outstanding.Count);
            }
        }

        return count == 0 || Choose(_candidates.AsSpan(0, count)) is not { } chosen ? null : _candidateWorkers[chosen];
    }

    // The policy may be the user's: what it does wrong is named as its own, and must not leave this core half-way
    // through a step.
    private int? Choose(ReadOnlySpan<BalancingCandidate> candidates)
    {
        try
        {
            int chosen = _balancing.Choose(candidates);
            if (chosen >= 0 && chosen < candidates.Length)
            {
                return chosen;
            }

            BalancingFault = BalancingFault.OutOfRange(_balancing.GetType(), chosen, candidates.Length);
        }
        catch (Exception e)
        {
            BalancingFault = BalancingFault.Threw(_balancing.GetType(), candidates.Length, e);
        }

        return null;
    }

    private void Settle(TaskCopy copy, TaskFault fault, TimeSpan now)
    {
        TaskEntry task = copy.Task;
        if (!MayRetry(task, fault))
        {
            FailTask(copy, fault, now);
            return;
        }

        task.IsExclusive |= fault.Kind == TaskFaultKind.SharedMemory;
        if (task.HasLiveCopy)
        {
            // Its twin goes on; nothing is tried again.
            return;
        }

        TimeSpan backoff = Backoff(task, fault);
        Effects.Add(new DispatchEffect(DispatchEffectKind.Retry, task, copy, fault.Text, backoff, fault));
        task.Phase = TaskPhase.BackingOff;
        task.ReadyAt = now + backoff;
        if (backoff == TimeSpan.Zero)
        {
            Enqueue(task);
        }
        else
        {
            _backingOff.Add(task);
        }
    }

    private bool MayRetry(TaskEntry task, TaskFault fault) =>
        fault.Kind switch
        {
            TaskFaultKind.WorkerLost => true,
            TaskFaultKind.WorkerDied => task.WorkersKilled.Count < options.WorkerKillsMax,
            TaskFaultKind.InputOutput => ++task.Failures <= options.RetriesMax,
            TaskFaultKind.SharedMemory => !task.IsExclusive || ++task.Failures <= options.RetriesMax,
            TaskFaultKind.User => ++task.UserFailures <= options.UserRetriesMax,
            _ => false,
        };

    private TimeSpan Backoff(TaskEntry task, TaskFault fault)
    {
        if (fault.Kind is TaskFaultKind.WorkerLost or TaskFaultKind.SharedMemory)
        {
            return TimeSpan.Zero;
        }

        int failures = task.Failures + task.UserFailures + task.WorkersKilled.Count;
        double ms = options.BackoffFirst.TotalMilliseconds * Math.Pow(2, failures - 1);
        return TimeSpan.FromMilliseconds(
            Math.Min(ms * (0.5 + _jitter.NextDouble()), options.BackoffMax.TotalMilliseconds));
    }

    private void FailTask(TaskCopy copy, TaskFault fault, TimeSpan now)
    {
        CancelCopies(copy.Task, now, options.CancelGrace);
        copy.Task.Phase = TaskPhase.Idle;
        Effects.Add(new DispatchEffect(DispatchEffectKind.Fail, copy.Task, copy, fault.Text, default, fault));
    }

    // A worker that is not heard of says nothing of deadlines. Where a twin runs elsewhere, that one is waited for.
    private void EndOverdue(TimeSpan now)
    {
        if (options.TaskDeadline is null)
        {
            return;
        }

        foreach (WorkerView worker in _workers.Where(worker => worker.IsSilent(options, now)))
        {
            foreach (TaskCopy copy in worker.Outstanding.Where(static copy => copy.Task.Copies.Count == 1))
            {
                EndIfOverdue(copy, now);
            }
        }
    }

    private void EndIfOverdue(TaskCopy copy, TimeSpan now)
    {
        if (options.TaskDeadline is { } deadline && copy.RanFor(now) is { } ran && ran > deadline
            && copy.CancelledAt is null)
        {
            string text = $"it ran for {ran.TotalMilliseconds:N0} ms, past its deadline of " +
                $"{deadline.TotalMilliseconds:N0} ms";
            FailTask(copy, new TaskFault(TaskFaultKind.Deadline, text, default, copy.Worker.Name), now);
        }
    }

    private void CancelCopies(TaskEntry task, TimeSpan now, TimeSpan grace)
    {
        foreach (TaskCopy copy in task.Copies)
        {
            if (copy.CancelledAt is null)
            {
                (copy.CancelledAt, copy.EndAt) = (now, now + grace);
                Effects.Add(new DispatchEffect(DispatchEffectKind.Cancel, task, copy, "", default, null));
            }
        }
    }

    private void EndStubborn(TimeSpan now)
    {
        // By id: a dictionary gives them in any order, and workers are ended in this one.
        foreach (TaskCopy copy in _copies.Values
            .Where(copy => copy.CancelledAt is not null && now > copy.EndAt).OrderBy(copy => copy.Id))
        {
            string text = $"task {copy.Task} was cancelled and did not stop within " +
                $"{(copy.EndAt - copy.CancelledAt!.Value).TotalSeconds:0.#} s";

            // Not again each tick: the host needs a moment to end the process.
            copy.EndAt = now + (2 * options.CancelGrace);
            Effects.Add(new DispatchEffect(DispatchEffectKind.KillWorker, copy.Task, copy, text, default, null));
        }
    }

    private void Forget(TaskCopy copy)
    {
        _copies.Remove(copy.Id);
        copy.Task.Copies.Remove(copy);
        if (copy.Node is { List: not null } node)
        {
            copy.Worker.Outstanding.Remove(node);
        }
    }
}
