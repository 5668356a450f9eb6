using System.Globalization;
using System.Net.Sockets;
using System.Threading.Channels;
using Lepton.Core;
using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Training.Ranks;

namespace Lepton.Training.Launch;

/// <summary>
/// Starts the ranks of a training as processes of this machine and stays with them: serves the store that they meet at,
/// watches what they say of themselves, ends all when one fails, and starts them again; on several machines together
/// with the launchers there. The host of <see cref="LaunchCore"/> and <see cref="RankWatch"/>.
/// </summary>
public sealed class RankLauncher
{
    private const int ExitCancelled = 130;
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(250);

    // Ranks whose peer is gone leave their last step and end by themselves; one that does not hangs too.
    private static readonly TimeSpan s_failureGraceMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_mismatchGrace = TimeSpan.FromSeconds(2);
    private readonly LaunchOptions _options;
    private readonly Action<string, bool> _write;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly LaunchCore _core = new();
    private readonly Channel<LaunchEvent> _events = Channel.CreateBounded<LaunchEvent>(4096);
    private readonly List<RankProcess> _ranks = [];
    private readonly HashSet<string> _reasonsTold = new(StringComparer.Ordinal);
    private RankWatch _watch = new([], new RankPatience(TimeSpan.Zero));
    private Round? _round;
    private Round? _next;
    private bool _isHung;
    private TimeSpan? _killAt;
    private (int Rank, TimeSpan At)? _condemned;
    private int? _exitCode;

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
    }

    /// <summary>Runs the ranks to their end.</summary>
    /// <param name="stop">Has all ranks save and end.</param>
    /// <returns>
    /// 0; 130 where it was stopped; where a rank failed for good 2 where it had no device to train on, 9 for a loss
    /// that was not finite, 20 for want of memory, 1 for anything else, whatever the rank returned.
    /// </returns>
    /// <exception cref="TorchLibraryException">The native library is missing; the message says how to get
    /// it.</exception>
    /// <exception cref="CollectiveException">The store can't listen, such as where its port is in use.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        TorchLibrary.Require();
        string address = AddressHere();
        using LaunchFolder folder = LaunchFolder.Create();
        using Store store = Listen(address);
        using ITimer look = _time.CreateTimer(
            _ => _events.Writer.TryWrite(new LaunchEvent(LaunchEventKind.Look)), null, s_lookInterval, s_lookInterval);
        using CancellationTokenRegistration stopped = stop.Register(
            () => Post(new LaunchEvent(LaunchEventKind.Stop)));
        string id = string.Create(
            CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}-{store.Port}");
        var me = new RoundNode(id, Environment.MachineName, address, store.Port, _options.ProcessesPerNode);
        IRendezvous rendezvous = _options.Rendezvous is { } options
            ? new StoreRendezvous(options, me, _options.RestartsMax, OnTold)
            : new LoneRendezvous(me, _options.RestartsMax, OnTold);
        await using (rendezvous.ConfigureAwait(false))
        {
            try
            {
                rendezvous.Start();
                await foreach (LaunchEvent next in
                    _events.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                {
                    Handle(next, rendezvous, me, store, folder);
                    if (_exitCode is { } code && _core.IsIdle)
                    {
                        return code;
                    }
                }
            }
            finally
            {
                KillAll();
            }
        }

        throw new InvalidOperationException("The launcher's events came to an end.");
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    private int NodeRank(RoundNode me) => _round!.NodeRankOf(me.Id);

    private string AddressHere()
    {
        if (_options.Rendezvous is not { } rendezvous)
        {
            return _options.MasterAddress;
        }

        try
        {
            return rendezvous.LocalAddress ?? LocalAddress.Towards(rendezvous.Endpoints[0]);
        }
        catch (SocketException e)
        {
            throw new CollectiveException(
                CollectiveFault.Disconnected,
                $"There is no way to the coordination store at {rendezvous.Endpoints[0]}: {e.Message} Correct " +
                "--rdzv-endpoint, or name this machine's address with --local-addr.",
                e);
        }
    }

    private Store Listen(string address)
    {
        try
        {
            return Store.Tcp(address, _options.MasterPort, isServer: true, timeout: TimeSpan.FromMinutes(2));
        }
        catch (CollectiveException e)
        {
            throw new CollectiveException(
                e.Fault,
                $"The ranks can't meet at {address}:{_options.MasterPort}: {e.Message} If the port is " +
                "in use, give another with --master-port, or none, which takes a free one.",
                e);
        }
    }

    private void OnTold(RendezvousEvent told) => Post(new LaunchEvent(LaunchEventKind.Rendezvous, Told: told));

    private void Post(LaunchEvent next) =>
        Invariant.Check(_events.Writer.TryWrite(next), "the launcher's loop does not keep up with its events");

    private void Handle(LaunchEvent next, IRendezvous rendezvous, RoundNode me, Store store, LaunchFolder folder)
    {
        switch (next.Kind)
        {
            case LaunchEventKind.Ended:
                OnEnded(next.End!, rendezvous, folder);
                break;
            case LaunchEventKind.Rendezvous:
                OnNews(next.Told!);
                break;
            case LaunchEventKind.Stop:
                Tell("stopping: ranks save and end");
                rendezvous.Leave();
                Do(_core.Stop(), rendezvous);
                break;
            default:
                Look(rendezvous, me, store, folder);
                break;
        }

        if (_next is not null && _core.IsIdle && !_core.IsStopped && _exitCode is null)
        {
            Begin(me, folder);
        }
    }

    private void OnEnded(RankEnd end, IRendezvous rendezvous, LaunchFolder folder)
    {
        // Of before: whoever waited for it no longer does.
        RankFinding? awaited = _watch.Awaited;
        RankState?[] states = new RankState?[_round!.WorldSize];
        foreach (RankProcess rank in _ranks)
        {
            states[rank.Rank] = StatePage.Read(folder.StatePage(_round.Number, rank.Rank));
        }

        _watch.Ended(end.Rank, states[end.Rank], end.ExitCode != 0);
        TellFindings(states, rendezvous);
        if (end.LostItsPeers && _core.RootCause is null && !_core.IsStopped
            && (_watch.GoneBefore(end.Rank) ?? (end.GaveUpWaiting ? awaited : null)) is { } guilty
            && guilty.Rank != end.Rank)
        {
            // Who gave up waiting is not to blame where it is known for whom it waited. Whose connection broke may have
            // lost another than the one that was late.
            Condemn(guilty, end.FailedAt, rendezvous);
        }

        bool isSurvivor = end.IsByLauncher || (_core.IsEnding && !end.IsTelling);
        LaunchEffect effect = _core.Ended(end);
        TellEnd(end, isSurvivor);

        if (_core.RootCause is not null && effect != LaunchEffect.RoundFailed)
        {
            rendezvous.Failed(_round.Number, Cause(), isOver: false);
        }

        Do(effect, rendezvous);
    }

    private void TellEnd(RankEnd end, bool isSurvivor)
    {
        if (end.ExitCode == 0)
        {
            return;
        }

        if (_core.IsStopped)
        {
            // What it failed of when it was to save; there is no root cause to tell with it.
            if (end.Message is not null)
            {
                TellStack(end.Rank, end.Stack);
                Tell($"failed: {Place(end.Rank)}: {end.Reason}");
            }
        }
        else if (!isSurvivor)
        {
            // What several ranks fail of is told whole once, and again as the root cause.
            string reason = _reasonsTold.Add(end.Reason) ? end.Reason : end.Reason.Split('\n')[0].TrimEnd();
            Tell($"failed: {Place(end.Rank)}: {reason}");
            if (end.MayLackMemory)
            {
                TellMemory();
            }
        }
        else if (_core.RootCause?.Rank != end.Rank)
        {
            Tell($"ended with the others: {Place(end.Rank)}");
        }
    }

    private void OnNews(RendezvousEvent told)
    {
        switch (told.Kind)
        {
            case RendezvousEventKind.Run:
                _next = told.Round;
                EndRanksFor(_core.EndRound());
                break;
            case RendezvousEventKind.End:
                Tell($"this round is over: {told.Text}");
                _ranks.Find(rank => rank.Rank == told.Round?.Cause?.Rank)?.Kill();
                EndRanksFor(_core.EndRound());
                break;
            case RendezvousEventKind.Finish:
                _exitCode = 0;
                break;
            case RendezvousEventKind.GiveUp:
                if (told.Round?.Cause is { } cause)
                {
                    TellRootCause(cause);
                }
                else
                {
                    Tell(told.Text);
                }

                _exitCode = told.Round?.Cause?.ExitCode ?? RankExitCodes.Failed;
                EndRanksFor(_core.EndRound());
                break;
            default:
                Tell(told.Text);
                break;
        }
    }

    private void Do(LaunchEffect effect, IRendezvous rendezvous)
    {
        switch (effect)
        {
            case LaunchEffect.RoundFailed:
                rendezvous.Failed(_round!.Number, Cause(), isOver: true);
                break;
            case LaunchEffect.RoundDone:
                rendezvous.Done(_round!.Number);
                break;
            case LaunchEffect.Finish:
                _exitCode ??= ExitCancelled;
                break;
            default:
                EndRanksFor(effect);
                break;
        }
    }

    private void Begin(RoundNode me, LaunchFolder folder)
    {
        (_round, _next) = (_next!, null);
        if (_round.Cause is { } cause)
        {
            TellRootCause(cause);
        }

        if (_round.Number > 0)
        {
            Tell(string.Create(
                CultureInfo.InvariantCulture,
                $"all ranks start again, {_round.WorldSize} of them " +
                $"({_round.Restarts} of {_options.RestartsMax} restarts)"));
        }

        _killAt = null;
        _condemned = null;
        _reasonsTold.Clear();
        _isHung = false;
        _watch = new RankWatch(
            [.. Enumerable.Range(0, _round.WorldSize).Select(_round.HostOf)],
            new RankPatience(_options.StallTime, EndsHung: _round.Restarts < _options.RestartsMax, _round.Hangs),
            seesAll: NodeRank(me) == 0);
        StartRanks(me, folder);
    }

    private void StartRanks(RoundNode me, LaunchFolder folder)
    {
        foreach (RankProcess old in _ranks)
        {
            old.Dispose();
        }

        _ranks.Clear();
        bool hasThreads = Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is not null;
        int nodeRank = NodeRank(me);
        int first = _round!.FirstRankOf(nodeRank);
        _core.Begin(Enumerable.Range(first, _options.ProcessesPerNode));
        for (int local = 0; local < _options.ProcessesPerNode; local++)
        {
            var process = RankProcess.Start(
                _options.Command, LaunchEnvironment.Of(_options, _round, nodeRank, local, folder, hasThreads),
                first + local, folder.ErrorFile(_round.Number, first + local), _round.WorldSize > 1, _write);
            _ranks.Add(process);
            _ = WaitAsync(process);
        }
    }

    private async Task WaitAsync(RankProcess process)
    {
        RankEnd end = await process.EndAsync().ConfigureAwait(false);
        await _events.Writer.WriteAsync(new LaunchEvent(LaunchEventKind.Ended, end)).ConfigureAwait(false);
    }

    private void EndRanksFor(LaunchEffect effect)
    {
        if (effect != LaunchEffect.EndRanks)
        {
            return;
        }

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

    private void KillCondemned()
    {
        if (_condemned is { } condemned && Now >= condemned.At)
        {
            _ranks.Find(rank => rank.Rank == condemned.Rank)?.Kill();
        }
    }

    private HashSet<int> Stopped() =>
        [.. _ranks.Where(static rank => rank.IsStopped()).Select(static rank => rank.Rank)];

    private void Look(IRendezvous rendezvous, RoundNode me, Store store, LaunchFolder folder)
    {
        KillCondemned();
        if (Now >= _killAt)
        {
            KillAll();
        }

        if (_round is null || _core.IsIdle)
        {
            return;
        }

        var states = new RankState?[_round.WorldSize];
        if (NodeRank(me) == 0)
        {
            // The first launcher's store is the one that ranks of all machines tell how they are.
            for (int rank = 0; rank < states.Length; rank++)
            {
                string key = RankState.Key(_round.Number, rank);
                states[rank] = store.Contains(key) ? RankState.Decode(store.GetText(key)) : null;
            }
        }
        else
        {
            // Only this machine's system knows which of its processes are stopped.
            foreach (int rank in Stopped())
            {
                states[rank] = StatePage.Read(folder.StatePage(_round.Number, rank));
            }
        }

        TellFindings(states, rendezvous);
    }

    private void TellFindings(RankState?[] states, IRendezvous rendezvous)
    {
        // Ranks that save and end, as the user wants it, have the time that they were given for it.
        foreach (RankFinding found in _watch.Observe(states, Stopped(), Now).Where(_ => !_core.IsStopped))
        {
            Tell((found.IsFatal ? "failed: " : "warning: ") + found.Text);
            if (found.IsFatal)
            {
                Condemn(found, null, rendezvous);
            }
        }
    }

    /// <summary>Ends all ranks for one that they can't go on with.</summary>
    private void Condemn(RankFinding found, DateTime? failedAt, IRendezvous rendezvous)
    {
        LaunchEffect effect = _core.Condemned(
            new RankEnd(found.Rank, RankExitCodes.Failed, failedAt, Message: found.Text, IsFound: true));
        _isHung |= found.IsHung && effect == LaunchEffect.EndRanks;
        if (_core.RootCause is not null)
        {
            rendezvous.Failed(_round!.Number, Cause(), isOver: false);
        }

        // A stopped process does not hear SIGTERM. The others find that it is gone, and leave their last step.
        // Ranks that do different things may find that out by themselves, and leave theirs.
        _condemned ??= (found.Rank, found.IsStuck ? Now : Now + s_mismatchGrace);
        EndRanksFor(effect);
        KillCondemned();
    }

    private RoundCause Cause()
    {
        RankEnd cause = _core.RootCause!;
        string text = cause.IsFound ? cause.Reason : $"{Place(cause.Rank)}: {cause.Reason}";
        return new RoundCause(cause.Rank, text, cause.Stack, cause.Code, cause.LostItsPeers, _isHung);
    }

    private void TellRootCause(RoundCause cause)
    {
        // What went wrong comes last, where one looks for it.
        TellStack(cause.Rank, cause.Stack);
        Tell($"root cause: {cause.Text}");
    }

    private void TellStack(int rank, string? stack)
    {
        // The message, of any number of lines, is told behind it.
        string[] frames = [.. (stack ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SkipWhile(static line => !UnhandledException.IsFrame(line))];
        if (frames.Length > 0)
        {
            Tell(string.Create(CultureInfo.InvariantCulture, $"the stack of rank {rank}:"));
        }

        foreach (string frame in frames)
        {
            Tell("  " + frame.Trim());
        }
    }

    private void TellMemory()
    {
        for (int rank = 0; rank < _round!.WorldSize; rank++)
        {
            if (_watch.StateOf(rank) is { ResidentBytes: > 0 } state)
            {
                Tell($"rank {rank} on {state.Host} held {state.Memory}");
            }
        }
    }

    private string Place(int rank) => _watch.StateOf(rank) is { } state
        ? $"rank {rank} on {state.Host}, at {state.Doing}"
        : $"rank {rank} on {_round!.HostOf(rank)}";

    private void Tell(string text) => _write("lepton: " + text, true);
}
