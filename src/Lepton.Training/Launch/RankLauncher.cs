using System.Globalization;
using System.Threading.Channels;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Training.Ranks;

namespace Lepton.Training.Launch;

/// <summary>
/// Starts the ranks of a training as processes of this machine and stays with them: serves the store that they meet at,
/// watches what they say of themselves, ends all when one fails, and starts them again. The host of
/// <see cref="LaunchCore"/> and <see cref="RankWatch"/>.
/// </summary>
public sealed class RankLauncher
{
    private const int ExitFailed = 1;
    private const int ExitCancelled = 130;
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(500);

    // Ranks whose peer is gone have nothing to save that a checkpoint does not hold.
    private static readonly TimeSpan s_failureGraceMax = TimeSpan.FromSeconds(3);
    private readonly LaunchOptions _options;
    private readonly Action<string, bool> _write;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly LaunchCore _core;
    private readonly Channel<LaunchEvent> _events = Channel.CreateBounded<LaunchEvent>(4096);
    private readonly List<RankProcess> _ranks = [];
    private RankWatch _watch;
    private TimeSpan? _killAt;

    /// <summary>Makes a launcher.</summary>
    /// <param name="options">What to start, and how.</param>
    /// <param name="write">
    /// Takes each line of the ranks and of the launcher; true for standard error. Called by several threads.
    /// </param>
    /// <exception cref="ArgumentException">Options are out of bounds; the message has all of them.</exception>
    public RankLauncher(LaunchOptions options, Action<string, bool> write)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(write);
        options.Validate();
        _options = options;
        _write = write;
        _core = new LaunchCore(options.ProcessesPerNode, options.RestartsMax);
        _watch = new RankWatch(options.ProcessesPerNode, options.StallTime);
    }

    /// <summary>Runs the ranks to their end.</summary>
    /// <param name="stop">Has all ranks save and end.</param>
    /// <returns>0; 1 where a rank failed for good; 130 where it was stopped.</returns>
    /// <exception cref="TorchLibraryException">The native library is missing; the message says how to get
    /// it.</exception>
    /// <exception cref="CollectiveException">The store can't listen, such as where its port is in use.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        TorchLibrary.Require();
        string folder = Directory.CreateTempSubdirectory("lepton-train-").FullName;
        using Store store = Listen();
        using ITimer look = _time.CreateTimer(
            _ => _events.Writer.TryWrite(new LaunchEvent(LaunchEventKind.Look)), null, s_lookInterval, s_lookInterval);
        using CancellationTokenRegistration stopped = stop.Register(
            () => _events.Writer.TryWrite(new LaunchEvent(LaunchEventKind.Stop)));
        try
        {
            Do(_core.Begin(), store, folder);
            await foreach (LaunchEvent next in
                _events.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                if (Handle(next, store, folder))
                {
                    break;
                }
            }

            return stop.IsCancellationRequested ? ExitCancelled : _core.RootCause is null ? 0 : ExitFailed;
        }
        finally
        {
            KillAll();
            Directory.Delete(folder, recursive: true);
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    private Store Listen()
    {
        try
        {
            return Store.Tcp(
                _options.MasterAddress, _options.MasterPort, isServer: true, timeout: TimeSpan.FromMinutes(2));
        }
        catch (CollectiveException e) when (_options.MasterPort != 0)
        {
            throw new CollectiveException(
                e.Fault,
                $"The ranks can't meet at {_options.MasterAddress}:{_options.MasterPort}: {e.Message} If the port is " +
                "in use, give another with --master-port, or none, which takes a free one.",
                e);
        }
    }

    /// <returns>Whether all is over.</returns>
    private bool Handle(LaunchEvent next, Store store, string folder)
    {
        switch (next.Kind)
        {
            case LaunchEventKind.Ended:
                RankEnd end = next.End!;
                _watch.Ended(end.Rank);
                TellFindings([.. Enumerable.Range(0, _options.ProcessesPerNode).Select(
                    rank => StatePage.Read(StatePath(folder, rank)))]);
                LaunchEffect effect = _core.Ended(end);
                if (end.ExitCode != 0 && !_core.IsStopped)
                {
                    Tell($"failed: {Place(end.Rank)}: {end.Reason}");
                }

                return Do(effect, store, folder);
            case LaunchEventKind.Stop:
                Tell("stopping: ranks save and end");
                return Do(_core.Stop(), store, folder);
            default:
                Look(store);
                return false;
        }
    }

    private bool Do(LaunchEffect effect, Store store, string folder)
    {
        switch (effect)
        {
            case LaunchEffect.Restart:
                TellRootCause();
                LaunchEffect start = _core.Restart();
                Tell(string.Create(
                    CultureInfo.InvariantCulture,
                    $"all ranks start again ({_core.Restarts} of {_options.RestartsMax} restarts)"));
                return Do(start, store, folder);
            case LaunchEffect.StartRanks:
                _killAt = null;
                _watch = new RankWatch(_options.ProcessesPerNode, _options.StallTime);
                StartRanks(store, folder);
                return false;
            case LaunchEffect.EndRanks:
                EndRanks();
                return false;
            case LaunchEffect.Finish:
                TellRootCause();
                return true;
            default:
                return false;
        }
    }

    private void StartRanks(Store store, string folder)
    {
        foreach (RankProcess old in _ranks)
        {
            old.Dispose();
        }

        _ranks.Clear();
        bool hasThreads = Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is not null;
        for (int rank = 0; rank < _options.ProcessesPerNode; rank++)
        {
            string errorFile = Path.Combine(folder, string.Create(
                CultureInfo.InvariantCulture, $"error-{_core.Restarts}-{rank}.json"));
            Dictionary<string, string> variables = new(
                LaunchEnvironment.Of(_options, rank, store.Port, _core.Restarts, errorFile, hasThreads))
            {
                [StatePage.Variable] = StatePath(folder, rank),
            };
            var process = RankProcess.Start(
                _options.Command, variables,
                rank, errorFile, _options.ProcessesPerNode > 1, _write);
            _ranks.Add(process);
            _ = WaitAsync(process);
        }
    }

    private string StatePath(string folder, int rank) => Path.Combine(folder, string.Create(
        CultureInfo.InvariantCulture, $"state-{_core.Restarts}-{rank}"));

    private async Task WaitAsync(RankProcess process)
    {
        RankEnd end = await process.EndAsync().ConfigureAwait(false);
        await _events.Writer.WriteAsync(new LaunchEvent(LaunchEventKind.Ended, end)).ConfigureAwait(false);
    }

    private void EndRanks()
    {
        foreach (RankProcess rank in _ranks)
        {
            rank.Terminate();
        }

        TimeSpan grace = _core.IsStopped || _options.Grace < s_failureGraceMax ? _options.Grace : s_failureGraceMax;
        _killAt ??= Now + grace;
    }

    private void KillAll()
    {
        foreach (RankProcess rank in _ranks)
        {
            rank.Kill();
        }
    }

    private void Look(Store store)
    {
        if (Now >= _killAt)
        {
            KillAll();
        }

        var states = new RankState?[_options.ProcessesPerNode];
        for (int rank = 0; rank < states.Length; rank++)
        {
            string key = RankState.Key(_core.Restarts, rank);
            states[rank] = store.Contains(key) ? RankState.Decode(store.GetText(key)) : null;
        }

        TellFindings(states);
    }

    private void TellFindings(RankState?[] states)
    {
        foreach (RankFinding found in _watch.Observe(states, Now))
        {
            Tell((found.IsFatal ? "failed: " : "warning: ") + found.Text);
            if (found.IsFatal)
            {
                // A stopped process does not hear SIGTERM, and ranks in a collective that can't end save nothing.
                _core.Condemned(new RankEnd(found.Rank, ExitFailed, null, found.Text));
                KillAll();
            }
        }
    }

    private void TellRootCause()
    {
        if (_core.RootCause is not { } cause)
        {
            return;
        }

        Tell($"root cause: {Place(cause.Rank)}: {cause.Reason}");
        foreach (string line in (cause.Stack ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            Tell("  " + line.Trim());
        }
    }

    private string Place(int rank) => _watch.StateOf(rank) is { } state
        ? $"rank {rank} on {state.Host}, at {state.Doing}"
        : $"rank {rank} on {Environment.MachineName}";

    private void Tell(string text) => _write("lepton: " + text, true);
}
