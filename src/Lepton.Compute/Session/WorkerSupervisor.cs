using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Lepton.Compute.Execution;
using Lepton.Compute.Protocol;
using Lepton.Compute.Worker;
using Lepton.Rpc.Server;

namespace Lepton.Compute.Session;

/// <summary>
/// Starts the worker processes of a local session, replaces those that die, and ends them. Messages between them and
/// the scheduler pass through its RPC server.
/// </summary>
internal sealed class WorkerSupervisor : IAsyncDisposable
{
    private const int StartFailuresMax = 3;
    private static readonly TimeSpan StartAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StartAgainAfterMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DyingTimeMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LastWordsTimeMax = TimeSpan.FromSeconds(1);
    private readonly SessionLoop _loop;
    private readonly SessionDirectory _directory;
    private readonly LeptonSessionOptions _options;
    private readonly int _slots;
    private readonly long _memoryBytes;
    private readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    // The caller's, as threads of this process would have it: a number is read the same way on every worker.
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;
    private readonly CultureInfo _uiCulture = CultureInfo.CurrentUICulture;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, WorkerLink> _workers = new(StringComparer.Ordinal);
    private readonly List<Task> _ends = [];
    private readonly Task<Rehearsal> _rehearsal;
    private RpcServer? _server;
    private int _lastId;

    // Used by the watchers of workers that are gone; an increment that is lost to a race costs one more try.
    private volatile int _startFailures;
    private bool _stopping;

    public WorkerSupervisor(
        SessionLoop loop, SessionDirectory directory, LeptonSessionOptions options, int slots, long memoryBytes,
        Func<Rehearsal> rehearsal)
    {
        _loop = loop;
        _rehearsal = Task.Run(rehearsal);
        _directory = directory;
        _options = options;
        _slots = slots;
        _memoryBytes = memoryBytes;
    }

    /// <summary>Starts the server and the first workers, and waits until all have attached.</summary>
    public async Task StartAsync(int count, CancellationToken cancellation)
    {
        var services = new RpcServices();
        services.MapDuplex(ExecutorProtocol.Attach, AttachAsync);
        _server = await RpcServer.StartAsync(
            services,
            new RpcServerOptions { Authenticator = BearerToken.Authenticator(_token), TimeProvider = _options.Time },
            cancellation).ConfigureAwait(false);
        List<WorkerLink> started = [];
        for (int i = 0; i < count; i++)
        {
            started.Add(Launch()!);
        }

        try
        {
            await Task.WhenAll(started.Select(worker => worker.Attached.Task))
                .WaitAsync(StartTimeMax, _options.Time, cancellation).ConfigureAwait(false);
            await _rehearsal.ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            WorkerLink late = started.First(worker => !worker.Attached.Task.IsCompleted);
            throw new TimeoutException(
                $"{late.Name} (process {late.ProcessId}) had not attached after {StartTimeMax.TotalSeconds:0} s. " +
                $"{Said(late)}", e);
        }
    }

    /// <summary>Ends all workers; their folders go with them.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Task> ends;
        lock (_lock)
        {
            _stopping = true;
            foreach (WorkerLink worker in _workers.Values)
            {
                worker.Kill("the session has ended");
            }

            ends = [.. _ends];
        }

        try
        {
            await Task.WhenAll(ends).ConfigureAwait(false);
        }
        finally
        {
            if (_server is not null)
            {
                await _server.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    // Null once the session ends: a worker that comes later would outlive it.
    private WorkerLink? Launch()
    {
        lock (_lock)
        {
            if (_stopping)
            {
                return null;
            }

            int id = ++_lastId;
            string name = string.Create(CultureInfo.InvariantCulture, $"w{id}");
            var worker = new WorkerLink(id, name, _slots, _directory.CreateFor(name));
            Vitals.Create(worker.Directory);
            worker.Process = WorkerLauncher.Start(StartOf(worker), worker.TakeStderr);
            _workers.Add(name, worker);
            _loop.Launched(worker);
            _ends.RemoveAll(end => end.IsCompleted);
            _ends.Add(WatchAsync(worker));
            return worker;
        }
    }

    private WorkerStart StartOf(WorkerLink worker) =>
        new(
            worker.Name,
            _server!.Address.ToString(),
            _token,
            worker.Directory,
            AppContext.BaseDirectory,
            System.Reflection.Assembly.GetEntryAssembly()?.Location,
            _slots,
            _memoryBytes,
            BeatMs: 100,
            _culture.Name,
            _uiCulture.Name,
            _options.ShuffleOverHttp);

    private async Task AttachAsync(RpcServerStream<FromExecutor, ToExecutor> stream, RpcServerCall call)
    {
        FromExecutor? first = await stream.ReadAsync().ConfigureAwait(false);
        WorkerLink worker = Connect(first?.Hello, stream);
        Rehearsal rehearsal = await _rehearsal.ConfigureAwait(false);
        rehearsal.Begin(worker);
        await foreach (FromExecutor message in stream.ReadAllAsync(call.CancellationToken).ConfigureAwait(false))
        {
            rehearsal.Hear(worker, message, _loop.Note);
            _loop.Post(worker, message);
        }
    }

    // One lock for looking it up and announcing it: a worker that dies meanwhile is taken out after it was put in.
    private WorkerLink Connect(Hello? hello, RpcServerStream<FromExecutor, ToExecutor> stream)
    {
        lock (_lock)
        {
            WorkerLink? worker = hello is null ? null : _workers.GetValueOrDefault(hello.Worker);
            if (worker is null or { IsGone: true } or { IsConnected: true })
            {
                throw new Rpc.RpcException(
                    Rpc.StatusCode.InvalidArgument,
                    "A worker's first message is a hello with the name it was started with, which no other has said.");
            }

            worker.BlockAddress = hello!.BlockAddress;
            worker.Connect(
                stream,
                reason => _ = GuardAsync($"end of {worker.Name}", EndUnreachableAsync(worker, reason)));
            _loop.Post(() =>
            {
                _loop.Attach(worker);
                worker.Attached.TrySetResult();
            });
            return worker;
        }
    }

    /// <summary>
    /// Sees one worker to its end. Nobody waits for this before the session ends, so what goes wrong on the way, other
    /// than what is expected there, is told to the jobs: they would wait for ever for a worker that is gone.
    /// </summary>
    private async Task WatchAsync(WorkerLink worker)
    {
        try
        {
            await SeeOffAsync(worker).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            worker.Attached.TrySetException(e);
            if (Report($"watch over {worker.Name}", e))
            {
                return;
            }

            // The session ends, and waits for this.
            throw;
        }
    }

    /// <summary>For what nobody awaits: a failure must not end in a task that nobody looks at.</summary>
    private async Task GuardAsync(string what, Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Report(what, e);
        }
    }

    /// <summary>Notes it in the event log, and fails the jobs. False where none is left to be told.</summary>
    private bool Report(string what, Exception e)
    {
        _loop.Post(() =>
        {
            _loop.Note($"Lepton's {what} failed: {e}");
            _loop.FailBroken(what, e);
        });
        lock (_lock)
        {
            return !_stopping;
        }
    }

    private async Task SeeOffAsync(WorkerLink worker)
    {
        Process process = worker.Process!;
        try
        {
            await ExitAsync(process).ConfigureAwait(false);
            bool stopping;
            lock (_lock)
            {
                stopping = _stopping;
                worker.IsGone = true;
                _workers.Remove(worker.Name);
            }

            if (!stopping)
            {
                await ReportAsync(worker, process.ExitCode).ConfigureAwait(false);
                await ReplaceAsync(worker).ConfigureAwait(false);

                // A task that has taken its last worker down is kept for replay, with what it had read there: the
                // files stay so long.
                await (_loop.Replays?.IdleAsync() ?? Task.CompletedTask).ConfigureAwait(false);
            }
        }
        finally
        {
            process.Dispose();
            SessionDirectory.Remove(worker.Directory);
        }
    }

    private async Task ExitAsync(Process process)
    {
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Exited += (_, _) => exited.TrySetResult();
        process.EnableRaisingEvents = true;
        if (process.HasExited)
        {
            exited.TrySetResult();
        }

        await exited.Task.ConfigureAwait(false);

        // What it said last is still in the pipe. A child that it left behind may hold the pipe open for ever.
        await Task.WhenAny(process.WaitForExitAsync(),
            Task.Delay(LastWordsTimeMax, _options.Time)).ConfigureAwait(false);
    }

    private async Task ReportAsync(WorkerLink worker, int exitCode)
    {
        (IReadOnlySet<long> running, long peakBytes, string lastWords) = Vitals.ReadLast(worker.Directory);
        string cause = ExitCause.Describe(exitCode, worker.EndReason ?? lastWords, peakBytes, worker.Stderr.LastWords);
        worker.Attached.TrySetException(
            new InvalidOperationException($"Worker {worker.Name} ended before it attached: {cause}"));

        // The files go after that: results that came before the end are still read from them.
        var detached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isPosted = _loop.Post(() =>
        {
            _loop.Detach(worker, cause, running, peakBytes);
            worker.HasWorked = worker.View is { Finished: > 0 } || running.Count > 0;
            detached.TrySetResult();
        });
        if (isPosted)
        {
            await detached.Task.ConfigureAwait(false);
        }
    }

    private static string Said(WorkerLink worker) =>
        worker.Stderr.Text is { Length: > 0 } text ? $"It said:{Environment.NewLine}{text}" : "It said nothing.";

    /// <summary>
    /// Starts another worker in place of one that is gone. Workers that end one after the other before they did
    /// anything, or can't be started, are not replaced for ever.
    /// </summary>
    private async Task ReplaceAsync(WorkerLink lost)
    {
        bool wasOfUse = lost.HasWorked || (lost.IsConnected && lost.EndReason is not null);
        string why = $"{lost.Name} was the last one. {Said(lost)}";
        if (wasOfUse)
        {
            _startFailures = 0;
        }
        else
        {
            _startFailures++;
        }

        TimeSpan pause = StartAgainAfter;
        while (_startFailures < StartFailuresMax)
        {
            try
            {
                if (Launch() is { } worker)
                {
                    _ = GuardAsync($"wait for {worker.Name}", EndIfLateAsync(worker));
                }

                return;
            }
            catch (Exception e) when (
                e is IOException or System.ComponentModel.Win32Exception or UnauthorizedAccessException)
            {
                // A full disk may have room again in a moment, or an hour: while other workers go on, so does this.
                _startFailures += IsAnyLeft() ? 0 : 1;
                why = $"A replacement for {lost.Name} can't be started: {e.Message}";
                string note = why;
                _loop.Post(() => _loop.Note(note));
                await Task.Delay(pause, _options.Time).ConfigureAwait(false);
                pause = pause * 2 < StartAgainAfterMax ? pause * 2 : StartAgainAfterMax;
            }
        }

        string reason =
            $"{StartFailuresMax} workers in a row ended before they did anything, so no other is started. {why}";
        _loop.Post(() => _loop.GiveUp(reason));
    }

    private bool IsAnyLeft()
    {
        lock (_lock)
        {
            return _workers.Count > 0;
        }
    }

    /// <summary>
    /// Ends a worker that lives and can't be sent anything more. Mostly a message fails because its process is dying;
    /// then its end is the news, and the tasks it was running are to blame.
    /// </summary>
    private async Task EndUnreachableAsync(WorkerLink worker, string reason)
    {
        await Task.Delay(DyingTimeMax, _options.Time).ConfigureAwait(false);
        bool isGone;
        lock (_lock)
        {
            isGone = worker.IsGone || worker.Process is null or { HasExited: true };
        }

        if (!isGone)
        {
            _loop.Post(() => _loop.EndWorker?.Invoke(worker, reason));
        }
    }

    private async Task EndIfLateAsync(WorkerLink worker)
    {
        try
        {
            await worker.Attached.Task.WaitAsync(StartTimeMax, _options.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            worker.Kill($"it had not attached after {StartTimeMax.TotalSeconds:0} s");
        }
        catch (InvalidOperationException)
        {
            // It ended before; whoever watches its process reports that.
            return;
        }
    }
}
