using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Faults;

/// <summary>
/// A session with real workers in a fresh directory, and the means to disturb it. Disposing it checks that no worker
/// and no file of the session is left.
/// </summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly string _root;
    private readonly HashSet<int> _processes = [];
    private bool _ended;

    private Bench(string root, LeptonSession session, string workDirectory)
    {
        _root = root;
        Session = session;
        WorkDirectory = workDirectory;
    }

    public LeptonSession Session { get; }

    /// <summary>The directory that holds the session's folder.</summary>
    public string WorkDirectory { get; }

    public static async Task<Bench> StartAsync(
        int workers = 2, int threads = 0, Func<LeptonSessionOptions, LeptonSessionOptions>? with = null)
    {
        string root = Directory.CreateTempSubdirectory("lepton-faults-").FullName;
        var options = new LeptonSessionOptions
        {
            WorkDirectory = System.IO.Path.Combine(root, "work"),
            EventLogPath = System.IO.Path.Combine(root, "events.jsonl"),
            MemoryPerWorkerBytes = 256L << 20,
            Speculate = false,

            // What listens to its cancellation is given time, however loaded the machine is.
            CancelGrace = TimeSpan.FromSeconds(60),
        };
        options = with?.Invoke(options) ?? options;
        try
        {
            LeptonSession session = await LeptonSession.LocalAsync(workers, threads, options);
            var bench = new Bench(root, session, options.WorkDirectory!);
            await bench.ProcessesAsync();
            return bench;
        }
        catch
        {
            Directory.Delete(root, recursive: true);
            throw;
        }
    }

    /// <summary>The failure of a job that must fail.</summary>
    public static Task<JobFailedException> FailureAsync(Func<Task> job) => Assert.ThrowsAsync<JobFailedException>(job);

    /// <summary>A path in the directory of this test.</summary>
    public string Path(string name) => System.IO.Path.Combine(_root, name);

    /// <summary>The processes of the workers that are there now.</summary>
    public async Task<IReadOnlyList<int>> ProcessesAsync()
    {
        int[] now = [.. (await Session.WorkersAsync()).Select(worker => worker.ProcessId)];
        _processes.UnionWith(now);
        return now;
    }

    /// <summary>Ends a process with SIGKILL and waits until the session has put another worker in its place.</summary>
    public async Task KillAndReplaceAsync(int process, int workers = 2)
    {
        Signals.Send(process, Signals.Kill);
        await ReplacedAsync(process, workers);
    }

    /// <summary>Waits until a worker is gone and as many as before are there.</summary>
    public async Task ReplacedAsync(int process, int workers = 2)
    {
        IReadOnlyList<int> now = await ProcessesAsync();
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (int looks = 0; now.Contains(process) || now.Count < workers; looks++)
        {
            Assert.True(looks < 12_000, $"Worker process {process} was not replaced.");
            await clock.WaitForNextTickAsync();
            now = await ProcessesAsync();
        }
    }

    /// <summary>Ends the session and gives its event log.</summary>
    public async Task<IReadOnlyList<JobEvent>> EndAsync()
    {
        if (!_ended)
        {
            await ProcessesAsync();
            _ended = true;
        }

        await Session.DisposeAsync();
        return Session.EventLogPath is { } log ? [.. EventLogReader.Read(log)] : [];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        int[] left = [.. _processes.Where(process => process != Environment.ProcessId && Signals.IsAlive(process))];
        string[] files = Directory.Exists(WorkDirectory) ? Directory.GetDirectories(WorkDirectory) : [];
        Directory.Delete(_root, recursive: true);
        Assert.Empty(left);
        Assert.Empty(files);
    }
}
