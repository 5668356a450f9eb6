using System.Reflection;
using Lepton.Compute.Datasets;
using Lepton.Compute.Events;
using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Outputs;
using Lepton.Compute.Planning;
using Lepton.Compute.Replay;
using Lepton.Compute.Scheduling;
using Lepton.Compute.Session;

namespace Lepton.Compute;

/// <summary>
/// Runs jobs on data sets: with threads of this process, or with worker processes on this machine. Thread safe; several
/// jobs can run at once. Dispose it to end the workers and remove their files.
/// </summary>
[Unsendable("A session belongs to the driver. Read what a function needs before, and capture that.")]
public sealed class LeptonSession : IAsyncDisposable
{
    private readonly LeptonSessionOptions _options;
    private readonly SessionDirectory _directory;
    private readonly SessionJournal _journal;
    private readonly SessionLoop _loop;
    private readonly Lock _lock = new();
    private readonly long _started;
    private WorkerSupervisor? _supervisor;
    private InProcessLink? _threads;
    private int _lastId;
    private int _lastStage = -1;
    private bool _disposed;
    private string? _startFailure;

    private LeptonSession(LeptonSessionOptions options, SessionDirectory directory, EventLogWriter? log,
        string? logPath)
    {
        _options = options;
        _started = options.Time.GetTimestamp();
        _directory = directory;
        EventLogPath = logPath;
        _journal = new SessionJournal(log, options.Time);
        _loop = new SessionLoop(
            new DispatchOptions
            {
                RetriesMax = options.RetriesMax,
                UserRetriesMax = options.UserRetriesMax,
                WorkerKillsMax = options.WorkerKillsMax,
                TaskDeadline = options.TaskDeadline,
                CancelGrace = options.CancelGrace,
                Speculate = options.Speculate,
                SpeculateAfter = options.SpeculateAfter,
                Seed = options.Seed,
                Balancing = options.Balancing,
            },
            options,
            _journal)
        {
            EndWorker = (link, reason) => link.View!.IsClosed |= link.Kill(reason),
            TaskFinished = report => TaskFinished?.Invoke(report),
        };
    }

    /// <summary>
    /// Called for each task that is done, on the scheduler's thread: be quick, and post longer work elsewhere. What
    /// it throws fails the job.
    /// </summary>
    public event Action<TaskReport>? TaskFinished;

    /// <summary>Where the event log is; null when it is switched off.</summary>
    public string? EventLogPath { get; }

    /// <summary>What the session has done so far.</summary>
    public SessionStatistics Statistics => _journal.Statistics();

    /// <summary>
    /// Starts a session on this machine. With <paramref name="workers"/>, user code runs in that many worker
    /// processes; with <paramref name="threads"/> alone, in threads of this process, for tests and debugging. With
    /// both, each worker has that many threads. With neither, there is a worker for each processor.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The options are out of bounds, or so many workers don't fit into the machine's memory.
    /// </exception>
    /// <exception cref="JobFailedException">The workers can't be started.</exception>
    public static async Task<LeptonSession> LocalAsync(
        int workers = 0, int threads = 0, LeptonSessionOptions? options = null,
            CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, Vitals.SlotsMax);
        options ??= new LeptonSessionOptions();
        options.Validate();
        UnhandledFailure.Watch();
        if (workers == 0 && threads == 0)
        {
            workers = Environment.ProcessorCount;
        }

        long budget = WorkerMemory.BudgetBytes(
            options, workers, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        SessionDirectory directory = SessionDirectory.Create(options.WorkDirectory);
        LeptonSession? session = null;
        EventLogWriter? log = null;
        try
        {
            string? logPath = LogPath(options, directory.Id);
            log = OpenLog(logPath);
            session = new LeptonSession(options, directory, log, logPath);
            await session.StartAsync(workers, threads, budget, cancellation).ConfigureAwait(false);
            return session;
        }
        catch (Exception e)
        {
            if (session is not null)
            {
                session._startFailure = $"{e.GetType().Name}: {e.Message}";
                await session.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                log?.Dispose();
                directory.Dispose();
            }

            throw;
        }
    }

    /// <summary>The workers that are there at this moment.</summary>
    public Task<IReadOnlyList<WorkerInfo>> WorkersAsync() => AskAsync(_loop.Workers);

    /// <summary>Ends a worker with SIGKILL, as a crash would: for tests of what survives it. Another one takes its
    /// place.</summary>
    /// <returns>False when there is no such worker, or it is made of threads.</returns>
    public Task<bool> KillWorkerAsync(string name, string reason = "killed by the program") =>
        AskAsync(() => KillNow(name, reason));

    /// <summary>
    /// As <see cref="KillWorkerAsync"/>, from a <see cref="TaskFinished"/> handler, where it takes effect before
    /// anything else happens.
    /// Without a name, the worker with the most tasks in hand is ended.
    /// </summary>
    /// <returns>The worker's name; null when none could be ended.</returns>
    /// <exception cref="InvalidOperationException">It was called outside a handler.</exception>
    public string? KillWorkerFromHandler(string? name = null, string reason = "killed by the program")
    {
        if (!_loop.IsCurrent)
        {
            throw new InvalidOperationException(
                "KillWorkerFromHandler was called outside a TaskFinished handler. Elsewhere, use KillWorkerAsync.");
        }

        name ??= _loop.Workers().MaxBy(worker => worker.Outstanding)?.Name;
        return name is not null && KillNow(name, reason) ? name : null;
    }

    /// <summary>Publishes something to appear in the report: a matrix, bars, facts, a text.</summary>
    public void Publish(string title, ExhibitContent content) =>
        _journal.Write(now => new Exhibit(now, title, content));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        try
        {
            await EndAsync().ConfigureAwait(false);
        }
        finally
        {
            // Whatever went wrong before, the thread, the log and the folder go.
            _loop.Dispose();
            _journal.SessionFinished(_options.Time.GetElapsedTime(_started), _startFailure ?? _loop.Failure);
            _journal.Dispose();
            _directory.Dispose();
        }
    }

    private async Task EndAsync()
    {
        await BundlesWrittenAsync().ConfigureAwait(false);
        if (_supervisor is not null)
        {
            await _supervisor.DisposeAsync().ConfigureAwait(false);
        }

        _threads?.Dispose();
        await AskAsync(() =>
        {
            _loop.FailAll(() => new JobFailedException(
                JobFailure.SessionEnded, "The session was disposed while the job ran."));
            return true;
        }).ConfigureAwait(false);
        await BundlesWrittenAsync().ConfigureAwait(false);
    }

    /// <summary>A number that no other source, shuffle or cache of this session has.</summary>
    internal int NextId() => Interlocked.Increment(ref _lastId);

    internal LeptonSessionOptions Options => _options;

    /// <summary>Where outputs are noted while they are being written.</summary>
    internal OutputsInWork OutputsInWork => _directory.Outputs;

    /// <summary>Begins an action. Dispose it when its results are there.</summary>
    internal ActionScope BeginAction(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var files = new ActionFiles(_directory.Path, NextId());
        var action = new ActionRun(name, _loop.NewStages(), files);
        var planner = new StagePlanner(() => Interlocked.Increment(ref _lastStage), _loop.Caches, files);
        return new ActionScope(_loop, action, planner, OutputsInWork);
    }

    /// <summary>Has the executors forget a cache. Done when they have been told; at once where the session has
    /// ended.</summary>
    internal Task ReleaseCacheAsync(int cache)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _loop.Post(Release) ? told.Task : Task.CompletedTask;

        void Release()
        {
            try
            {
                _loop.ReleaseCache(cache);
            }
            finally
            {
                told.TrySetResult();
            }
        }
    }

    private static string? LogPath(LeptonSessionOptions options, string id)
    {
        if (options.EventLogPath is { } path)
        {
            return path.Length == 0 ? null : Path.GetFullPath(path);
        }

        string program = ProgramName(options);
        string stamp = options.Time.GetLocalNow().ToString("yyyyMMdd-HHmmss",
            System.Globalization.CultureInfo.InvariantCulture);
        return Path.Combine(EventLogFolder.Create(), $"{program}-{stamp}-{id}.jsonl");
    }

    private static string ProgramName(LeptonSessionOptions options) =>
        options.Program ?? Assembly.GetEntryAssembly()?.GetName().Name ?? "program";

    private static EventLogWriter? OpenLog(string? path)
    {
        return path is null ? null : new EventLogWriter(path, message => Console.Error.WriteLine(message));
    }

    private async Task StartAsync(int workers, int threads, long budget, CancellationToken cancellation)
    {
        int slots = Math.Max(threads, 1);
        string version = typeof(LeptonSession).Assembly.GetName().Version?.ToString(3) ?? "0";
        string program = ProgramName(_options);
        _journal.Write(now => new SessionStarted(
            now, _directory.Id, workers > 0 ? SessionMode.Processes : SessionMode.Threads, Math.Max(workers, 1), slots,
            _options.Seed, version, program));
        NoteSmallOperators(slots, budget);
        _loop.Replays = NewRecorder(slots, budget, version);
        if (workers == 0)
        {
            await StartThreadsAsync(slots, budget).ConfigureAwait(false);
            return;
        }

        _supervisor = new WorkerSupervisor(_loop, _directory, _options, slots, budget, PlanRehearsal);
        try
        {
            await _supervisor.StartAsync(workers, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or IOException
            or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            throw new JobFailedException(JobFailure.NoWorkers, $"The workers did not start. {e.Message}", e);
        }
    }

    private Rehearsal PlanRehearsal() =>
        Rehearsal.Plan(this, new ActionFiles(_directory.Path, NextId()), _directory.CreateFor("rehearsal"));

    // Where an operator spills is then a matter of how many share this machine. Who chose the budget knows that.
    private void NoteSmallOperators(int slots, long budget)
    {
        long bytes = ExecutorScope.OperatorBytesOf(budget, slots);
        if (_options.MemoryPerWorkerBytes is null && bytes < ExecutorScope.OperatorBytesMax)
        {
            string most = ByteText.Of(ExecutorScope.OperatorBytesMax);
            _journal.Write(now => new Message(
                now,
                $"An operator may hold {ByteText.Of(bytes)} here, less than {most}, as so many workers share this " +
                "machine's memory. Where one needs more, the order of records, and the last bits of sums of " +
                "fractions, depend on that. Set MemoryPerWorkerBytes to have them the same with any number of them."));
        }
    }

    private Task<bool> StartThreadsAsync(int slots, long budget)
    {
        string directory = _directory.CreateFor("threads");
        var scope = new ExecutorScope(
            "threads", directory, slots, budget, null, new BlockCache(directory, budget / 4), new MemoryWatch(0));
        var link = new InProcessLink(1, "threads", slots);
        _threads = link;
        link.Start(() => new Executor(
            scope, new InProcessModules(), message => _loop.Post(link, message), TimeSpan.FromMilliseconds(100),
            _options.Time));
        return AskAsync(() =>
        {
            _loop.Attach(link);
            return true;
        });
    }

    private ReplayRecorder? NewRecorder(int slots, long memoryBudgetBytes, string version) =>
        EventLogPath is null || _options.ReplayBytesMax == 0
            ? null
            : new ReplayRecorder(
                EventLogPath,
                new ReplaySetting
                {
                    Session = _directory.Id,
                    Seed = _options.Seed,
                    LeptonVersion = version,
                    ProgramDirectory = AppContext.BaseDirectory,
                    EntryAssembly = Assembly.GetEntryAssembly()?.Location,
                    CurrentDirectory = Environment.CurrentDirectory,
                    Slots = slots,
                    MemoryBudgetBytes = memoryBudgetBytes,
                    TaskDeadlineMs = _options.TaskDeadline?.TotalMilliseconds,
                },
                _options.ReplayBytesMax,
                text => _journal.Write(now => new Message(now, text)));

    private Task BundlesWrittenAsync() => _loop.Replays?.IdleAsync() ?? Task.CompletedTask;

    private bool KillNow(string name, string reason)
    {
        if (_loop.Find(name) is not { } link || !link.Kill(reason))
        {
            return false;
        }

        link.View!.IsClosed = true;
        _journal.WorkerKilled(link, reason);
        return true;
    }

    private Task<T> AskAsync<T>(Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        ObjectDisposedException.ThrowIf(!_loop.Post(Answer), this);
        return answer.Task;

        // What goes wrong is the asker's to hear; nobody else would.
        void Answer()
        {
            try
            {
                answer.TrySetResult(question());
            }
            catch (Exception e)
            {
                answer.TrySetException(e);
            }
        }
    }
}
