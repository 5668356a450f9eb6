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
/// the
/// scheduler pass through its RPC server.
/// </summary>
internal sealed class WorkerSupervisor : IAsyncDisposable
{
    private const int StartFailuresMax = 3;
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LastWordsTimeMax = TimeSpan.FromSeconds(1);
    private readonly SessionLoop _loop;
    private readonly SessionDirectory _directory;
    private readonly LeptonSessionOptions _options;
    private readonly int _slots;
    private readonly long _memoryBytes;
    private readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    private readonly Lock _lock = new();
    private readonly Dictionary<string, WorkerLink> _workers = new(StringComparer.Ordinal);
    private readonly List<Task> _ends = [];
    private RpcServer? _server;
    private int _lastId;
    private int _startFailures;
    private bool _stopping;

    public WorkerSupervisor(
        SessionLoop loop, SessionDirectory directory, LeptonSessionOptions options, int slots, long memoryBytes)
    {
        _loop = loop;
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

        await Task.WhenAll(ends).ConfigureAwait(false);
        if (_server is not null)
        {
            await _server.DisposeAsync().ConfigureAwait(false);
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
            _options.ShuffleOverHttp);

    private async Task AttachAsync(RpcServerStream<FromExecutor, ToExecutor> stream, RpcServerCall call)
    {
        FromExecutor? first = await stream.ReadAsync().ConfigureAwait(false);
        WorkerLink? worker;
        lock (_lock)
        {
            worker = first?.Hello is { } hello ? _workers.GetValueOrDefault(hello.Worker) : null;
        }

        if (worker is null)
        {
            throw new Rpc.RpcException(
                Rpc.StatusCode.InvalidArgument,
                    "A worker's first message is a hello with the name it was started with.");
        }

        worker.BlockAddress = first!.Hello.BlockAddress;
        worker.Connect(stream);
        _loop.Post(() =>
        {
            _loop.Attach(worker);
            worker.Attached.TrySetResult();
        });
        await foreach (FromExecutor message in stream.ReadAllAsync(call.CancellationToken).ConfigureAwait(false))
        {
            _loop.Post(worker, message);
        }
    }

    private async Task WatchAsync(WorkerLink worker)
    {
        Process process = worker.Process!;
        await ExitAsync(process).ConfigureAwait(false);
        bool attached = worker.Attached.Task.IsCompletedSuccessfully;
        bool stopping;
        lock (_lock)
        {
            stopping = _stopping;
            _workers.Remove(worker.Name);
            _startFailures = attached ? 0 : _startFailures + 1;
        }

        if (!stopping)
        {
            Task reported = ReportAsync(worker, process.ExitCode);
            Replace(worker, attached);
            await reported.ConfigureAwait(false);

            // A task that has taken its last worker down is kept for replay, with what it had read there: the files
            // stay so long.
            await (_loop.Replays?.IdleAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }

        SessionDirectory.Remove(worker.Directory);
        process.Dispose();
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
            detached.TrySetResult();
        });
        if (isPosted)
        {
            await detached.Task.ConfigureAwait(false);
        }
    }

    private static string Said(WorkerLink worker) =>
        worker.Stderr.Text is { Length: > 0 } text ? $"It said:{Environment.NewLine}{text}" : "It said nothing.";

    private void Replace(WorkerLink worker, bool attached)
    {
        if (!attached && _startFailures >= StartFailuresMax)
        {
            string reason =
                $"{StartFailuresMax} workers in a row ended before they could attach, so no other is started. " +
                $"The last one was {worker.Name}. {Said(worker)}";
            _loop.Post(() => _loop.GiveUp(reason));
            return;
        }

        try
        {
            lock (_lock)
            {
                // Once the session ends nobody would end a new worker.
                if (!_stopping)
                {
                    Launch();
                }
            }
        }
        catch (Exception e) when (
            e is IOException or System.ComponentModel.Win32Exception or UnauthorizedAccessException)
        {
            _loop.Post(() => _loop.GiveUp($"A replacement for {worker.Name} can't be started: {e.Message}"));
        }
    }
}
