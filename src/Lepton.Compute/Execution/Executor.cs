using System.Collections.Concurrent;
using System.Diagnostics;
using Google.Protobuf;
using Lepton.Compute.Functions;
using Lepton.Compute.Planning;
using Lepton.Compute.Protocol;
using Lepton.Core.Records;

namespace Lepton.Compute.Execution;

/// <summary>
/// Runs tasks: a queue, and as many threads as there are slots. It knows nothing of how messages come and go, so it is
/// the same in a worker process and in the driver's. Thread safe.
/// </summary>
internal sealed class Executor : IDisposable
{
    private const int ValueInlineBytesMax = 1 << 20;

    // Tasks look at their token between records and blocks. Past this, one is not going to.
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(2);
    private readonly ExecutorScope _scope;
    private readonly IModuleResolver _modules;
    private readonly Action<FromExecutor> _send;
    private readonly TimeProvider _time;
    private readonly Vitals? _vitals;
    private readonly TaskQueue _queue = new();
    private readonly StageStore _stages = new();
    private readonly Outbox _outbox;
    private readonly Thread[] _threads;
    private readonly ConcurrentDictionary<int, StageProgram>[] _programs;
    private readonly ITimer _beat;
    private int _beating;

    public Executor(
        ExecutorScope scope,
        IModuleResolver modules,
        Action<FromExecutor> send,
        TimeSpan beatEvery,
        TimeProvider time,
        Vitals? vitals = null)
    {
        _scope = scope;
        _modules = modules;
        _send = send;
        _time = time;
        _vitals = vitals;
        _outbox = new Outbox(send);
        _threads = new Thread[scope.Slots];
        _programs = [.. Enumerable.Range(0, scope.Slots).Select(_ => new ConcurrentDictionary<int, StageProgram>())];
        for (int slot = 0; slot < _threads.Length; slot++)
        {
            int index = slot;
            _threads[slot] = new Thread(() => RunSlot(index), maxStackSize: 16 << 20)
            {
                IsBackground = true,
                Name = $"{scope.WorkerName} slot {slot}",
            };
            _threads[slot].Start();
        }

        _beat = time.CreateTimer(_ => Beat(), null, beatEvery, beatEvery);
    }

    /// <summary>Called when a task is over the memory budget and does not end though it was cancelled.</summary>
    public Action<string>? Stuck { get; set; }

    /// <summary>Takes one message of the driver. Never blocks on a task.</summary>
    public void Receive(ToExecutor message)
    {
        switch (message.KindCase)
        {
            case ToExecutor.KindOneofCase.Program:
                _stages.SetProgram(message.Program);
                break;
            case ToExecutor.KindOneofCase.Inputs:
                _stages.SetInputs(message.Inputs);
                break;
            case ToExecutor.KindOneofCase.Tasks:
                _queue.Add(message.Tasks.Tasks);
                break;
            case ToExecutor.KindOneofCase.Cancel:
                Cancel(message.Cancel.Copies);
                break;
            case ToExecutor.KindOneofCase.Revoke:
                var revoked = new CopyIds();
                revoked.Copies.AddRange(_queue.Remove(message.Revoke.Copies).Select(task => task.Copy));
                _send(new FromExecutor { Revoked = revoked });
                break;
            case ToExecutor.KindOneofCase.Release:
                Release(message.Release);
                break;
            default:
                throw new InvalidOperationException($"An executor can't take the message '{message.KindCase}'.");
        }
    }

    /// <summary>Stops the threads; running tasks are cancelled.</summary>
    public void Dispose()
    {
        _beat.Dispose();
        foreach (RunningCopy running in _queue.Close())
        {
            running.Cancel();
        }
    }

    private void Cancel(IReadOnlyCollection<long> copies)
    {
        foreach (TaskCopyMessage task in _queue.Remove(copies))
        {
            _outbox.Add(new TaskResult { Copy = task.Copy, Outcome = TaskOutcome.Cancelled });
        }

        foreach (RunningCopy running in _queue.Running().Where(running => copies.Contains(running.Task.Copy)))
        {
            running.Cancel();
        }
    }

    private void Release(Release release)
    {
        foreach (int stage in release.Stages)
        {
            Delete(_stages.Remove(stage));
            foreach (ConcurrentDictionary<int, StageProgram> programs in _programs)
            {
                programs.TryRemove(stage, out _);
            }
        }

        foreach (int cache in release.Caches)
        {
            _scope.Cache.Release(cache);
        }
    }

    private static void Delete(IReadOnlyList<string> files)
    {
        try
        {
            foreach (string file in files)
            {
                File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They go with the executor's directory at the latest.
            return;
        }
    }

    private void RunSlot(int slot)
    {
        ConcurrentDictionary<int, StageProgram> programs = _programs[slot];
        using var result = new RecordWriter();
        while (_queue.Take() is { } running)
        {
            _vitals?.SetRunning(slot, running.Task.Copy);
            _outbox.Add(Run(running, programs, result));
            _queue.Finished(running);
            _vitals?.SetRunning(slot, 0);
        }
    }

    private TaskResult Run(RunningCopy running, ConcurrentDictionary<int, StageProgram> programs, RecordWriter value)
    {
        TaskCopyMessage task = running.Task;
        long started = Stopwatch.GetTimestamp();
        long startedUs = _time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        var result = new TaskResult { Copy = task.Copy };
        TaskContext? context = null;
        bool isPrepared = false;
        try
        {
            (StageProgramMessage program, IReadOnlyList<ShuffleLocations> inputs) = _stages.Get(task.Stage);
            context = new TaskContext(_scope, task, inputs, running.Cancellation);
            context.Cancellation.ThrowIfCancellationRequested();
            value.Clear();
            StageProgram stage = Program(program, programs);
            isPrepared = true;
            stage.Run(context, value);
            SetValue(result, value, context);
        }
        catch (Exception) when (!isPrepared && running.IsCancelledByDriver)
        {
            // It was taken from the queue, and before it began its job ended: what it needs may be gone already.
            result.Outcome = TaskOutcome.Cancelled;
        }
        catch (Exception e)
        {
            // Whatever a task throws is an answer to the driver, not a fault of the executor.
            bool runsAlone = _queue.Running().Count == 1;
            FailureTranslation.Describe(e, running, runsAlone, _scope.Memory.BudgetBytes, result);
        }

        if (context is { KeptFiles.Count: > 0 } && !_stages.KeepFiles(task.Stage, context.KeptFiles))
        {
            Delete(context.KeptFiles);
        }

        result.Metrics = context?.Metrics ?? new TaskMetrics();
        result.Metrics.StartedUnixUs = startedUs;
        result.Metrics.RunUs = (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        result.Metrics.PeakMemoryBytes = _scope.Memory.PeakResidentBytes;
        if (context is not null && result.Outcome == TaskOutcome.Succeeded)
        {
            result.Cached.AddRange(context.Cached);
            result.Skipped.AddRange(context.Skipped);
        }

        return result;
    }

    private StageProgram Program(StageProgramMessage message, ConcurrentDictionary<int, StageProgram> programs)
    {
        // Each slot decodes its own copy: what a lambda captured is never shared between threads.
        if (!programs.TryGetValue(message.Stage, out StageProgram? program))
        {
            var reader = new RecordReader(ActionFiles.Unpack(message.Graph).Span);
            program = (StageProgram)new GraphDecoder(_modules).Read(ref reader)!;
            programs[message.Stage] = program;
            if (!_stages.Contains(message.Stage))
            {
                // It was released meanwhile.
                programs.TryRemove(message.Stage, out _);
            }
        }

        return program;
    }

    private static void SetValue(TaskResult result, RecordWriter value, TaskContext context)
    {
        if (value.Length <= ValueInlineBytesMax)
        {
            result.Value = ByteString.CopyFrom(value.WrittenSpan);
            return;
        }

        string path = context.NewFile("value");
        try
        {
            using FileStream file = File.Create(path);
            file.Write(value.WrittenSpan);
        }
        catch
        {
            File.Delete(path);
            throw;
        }

        result.ValuePath = path;
    }

    private void Beat()
    {
        if (Interlocked.Exchange(ref _beating, 1) == 1)
        {
            return;
        }

        try
        {
            long over = _scope.Memory.Observe();
            _vitals?.SetPeak(_scope.Memory.PeakResidentBytes);
            var beat = new Beat { ResidentBytes = Environment.WorkingSet };
            beat.Running.AddRange(_queue.Running().Select(running => new RunningTask
            {
                Copy = running.Task.Copy,
                ElapsedMs = (long)running.Elapsed.TotalMilliseconds,
            }));
            _send(new FromExecutor { Beat = beat });
            if (over > 0)
            {
                EndOverBudget(over);
            }
        }
        finally
        {
            Volatile.Write(ref _beating, 0);
        }
    }

    private void EndOverBudget(long liveBytes)
    {
        string reason = MemoryWatch.Held(liveBytes, _scope.MemoryBudgetBytes);
        IReadOnlyList<RunningCopy> all = _queue.Running();
        if (all.Any(running => running.MemoryReason is not null && running.CancelledFor > StuckAfter))
        {
            Stuck?.Invoke($"A task went on though it was cancelled: {reason}.");
        }

        foreach (RunningCopy running in all.Where(running => running.MemoryReason is null))
        {
            running.CancelFor(reason, shared: all.Count > 1);
        }
    }
}
