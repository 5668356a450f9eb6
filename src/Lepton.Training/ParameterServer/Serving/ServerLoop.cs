using System.Threading.Channels;
using Lepton.Core;
using Lepton.Rpc;
using Lepton.Torch;
using Lepton.Training.ParameterServer.Clocks;
using Lepton.Training.Protocol;

namespace Lepton.Training.ParameterServer.Serving;

/// <summary>
/// The one flow of a server that changes its state: what streams bring is posted here. As primary it numbers every
/// input that changes the state, hands it to the backup, and holds answers back until the backup has what they tell of.
/// As backup it does what the primary's entries say.
/// </summary>
internal sealed class ServerLoop(ParameterServerSettings settings, TimeProvider time) : IDisposable
{
    private const int InboxMax = 1024;
    private readonly Channel<Action> _inbox = Channel.CreateBounded<Action>(
        new BoundedChannelOptions(InboxMax) { SingleReader = true });

    private readonly SortedDictionary<int, WorkerSession> _sessions = [];
    private readonly List<(WorkerSession Session, long Clock)> _early = [];
    private readonly Queue<(long Sequence, RpcOutgoing<ToWorker> To, List<ToWorker> Messages)> _held = [];
    private readonly LeaseClock _leases = new(settings.WorkerLease);
    private ServerState? _state;
    private BackupLink? _backup;
    private bool _isPrimary = settings.Peer is null;
    private bool _runsAlone = !settings.HasBackup && settings.Peer is null;
    private TimeSpan? _aloneSince;
    private long _sequence;
    private long _taken;

    /// <summary>Whether the primary's stream is open; for a backup.</summary>
    public bool HearsPrimary { get; set; }

    /// <summary>Whether it serves workers, or became the one that does.</summary>
    public bool IsPrimary => Volatile.Read(ref _isPrimary);

    /// <summary>Whether there is a state that it could serve, or hand on.</summary>
    public bool HasState => _state is not null;

    private TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>Runs what is posted, one after the other, until the token is cancelled or something is
    /// broken.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using ITimer timer = time.CreateTimer(
            _ => _inbox.Writer.TryWrite(Tick), null, settings.WorkerLease / 4, settings.WorkerLease / 4);
        await foreach (Action next in _inbox.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            next();
        }
    }

    /// <summary>Has the loop do something; waits where it is behind.</summary>
    public ValueTask PostAsync(Action action, CancellationToken cancellation) =>
        _inbox.Writer.WriteAsync(action, cancellation);

    /// <summary>A worker has come, or come again.</summary>
    public void Greet(WorkerSession session, Hello hello)
    {
        if (!_isPrimary && hello.PrimaryIsGone && HasState && !HearsPrimary)
        {
            // Two have lost it, on ways of their own. It can acknowledge nothing without this backup.
            Promote();
        }

        if (!_isPrimary)
        {
            session.Refuse("it is the backup", isBackup: true);
            return;
        }

        if (RefusalOf(hello) is { } reason)
        {
            session.Refuse(reason);
            return;
        }

        if (_state is null)
        {
            Record(new Entry { Configured = hello.Configuration });
            foreach (int worker in Enumerable.Range(0, hello.Configuration.Workers))
            {
                _leases.Allow(worker, Now + settings.JoinTimeMax);
            }
        }

        session.Worker = hello.Worker;
        _sessions[hello.Worker] = session;
        _leases.Heard(hello.Worker, Now);
        if (hello.IsNew)
        {
            Record(new Entry { Joined = new Joined { Worker = hello.Worker } });
        }
        else
        {
            Welcome(session, _state!.Workers[hello.Worker].Clock);
        }
    }

    /// <summary>A worker has brought the first values.</summary>
    public void Begin(WorkerSession session, Tensor values)
    {
        if (_state is not { IsInitial: false })
        {
            values.Dispose();
            return;
        }

        _leases.Heard(session.Worker, Now);
        Record(new Entry { Initial = new Initial() }, values);
        foreach ((WorkerSession early, long clock) in _early)
        {
            Want(early, clock);
        }

        _early.Clear();
    }

    /// <summary>A worker has pushed.</summary>
    public void Push(WorkerSession session, Gradients gradients, Tensor values)
    {
        if (!IsServed(session))
        {
            values.Dispose();
            return;
        }

        Record(new Entry { Pushed = new Pushed { Worker = session.Worker, Gradients = gradients } }, values);
    }

    /// <summary>A worker pulls.</summary>
    public void Want(WorkerSession session, long clock)
    {
        if (!IsServed(session))
        {
            return;
        }

        if (!_state!.IsInitial)
        {
            _early.Add((session, clock));
            return;
        }

        Tell(_state.Want(session.Worker, clock));
    }

    /// <summary>A worker lives.</summary>
    public void Beat(WorkerSession session)
    {
        if (IsServed(session) && !_state!.Workers[session.Worker].IsGone)
        {
            _leases.Heard(session.Worker, Now);
        }
    }

    /// <summary>A worker is done.</summary>
    public void Leave(WorkerSession session)
    {
        if (IsServed(session))
        {
            _leases.Forget(session.Worker);
            Record(new Entry { Gone = new Gone { Worker = session.Worker } });
        }
    }

    /// <summary>A worker's stream has ended; its lease goes on.</summary>
    public void Close(WorkerSession session)
    {
        if (_sessions.TryGetValue(session.Worker, out WorkerSession? known) && known == session)
        {
            _sessions.Remove(session.Worker);
        }

        _early.RemoveAll(early => early.Session == session);
        session.Close();
    }

    /// <summary>The other copy wants to be the backup.</summary>
    public void AttachBackup(BackupLink link, Attach attach)
    {
        if (!_isPrimary && attach.IsRestarted && HasState && !HearsPrimary)
        {
            // It is what has taken the primary's place, so the primary is dead.
            Promote();
        }

        if (!_isPrimary)
        {
            link.Refuse(HasState
                ? "this copy is the backup of another one, which it hears"
                : "this copy has no state either: both were lost. Start the training again from its last checkpoint");
            return;
        }

        _backup = link;
        _aloneSince = null;
        _runsAlone = false;
        link.Send(_state, _sequence);
    }

    /// <summary>The backup has all entries up to a number.</summary>
    public void Took(BackupLink link, long sequence)
    {
        if (_backup == link)
        {
            _taken = Math.Max(_taken, sequence);
            Release();
        }
    }

    /// <summary>The backup's stream has ended.</summary>
    public void DetachBackup(BackupLink link)
    {
        if (_backup == link)
        {
            _backup = null;
            _aloneSince = Now;
        }
    }

    /// <summary>The primary has sent its whole state.</summary>
    public void Install(State? state, IReadOnlyList<Chunk> chunks, long sequence)
    {
        if (!_isPrimary)
        {
            _state?.Dispose();
            _state = state is null ? null : ServerState.Import(chunks, state);
            _sequence = sequence;
        }
    }

    /// <summary>The primary has sent an entry.</summary>
    public void Follow(Entry entry, Tensor? values)
    {
        if (_isPrimary)
        {
            values?.Dispose();
            return;
        }

        Invariant.Check(
            entry.Sequence == _sequence + 1, $"entry {entry.Sequence} of the primary came behind {_sequence}");
        _sequence = entry.Sequence;
        Execute(entry, values);
    }

    public void Dispose() => _state?.Dispose();

    private string? RefusalOf(Hello hello)
    {
        Configuration asked = hello.Configuration;
        if (hello.Worker < 0 || hello.Worker >= asked.Workers)
        {
            return $"worker {hello.Worker} of {asked.Workers} is none; they count from 0";
        }

        return _state is null || _state.Configuration.Equals(asked)
            ? null
            : "its model or options differ from those of the workers that were here before: all workers of a " +
                $"training must give the same. Here: {_state.Configuration}; asked for: {asked}";
    }

    private bool IsServed(WorkerSession session) =>
        _isPrimary && session.Worker >= 0 && _sessions.GetValueOrDefault(session.Worker) == session;

    private void Promote()
    {
        Volatile.Write(ref _isPrimary, true);
        _runsAlone = true;
        for (int worker = 0; worker < _state!.Workers.Count; worker++)
        {
            if (!_state.Workers[worker].IsGone)
            {
                // They have to find their way here first.
                _leases.Allow(worker, Now + (2 * settings.WorkerLease));
            }
        }
    }

    private void Record(Entry entry, Tensor? values = null)
    {
        entry.Sequence = ++_sequence;
        _backup?.Send(entry, values);
        Tell(Execute(entry, values));
    }

    private IReadOnlyList<ClockEffect> Execute(Entry entry, Tensor? values)
    {
        if (entry.KindCase == Entry.KindOneofCase.Configured)
        {
            _state = new ServerState(entry.Configured);
            return [];
        }

        return _state!.Step(entry, values);
    }

    private void Tell(IReadOnlyList<ClockEffect> effects)
    {
        foreach (ClockEffect effect in effects)
        {
            switch (effect)
            {
                case ClockEffect.Admit admit when _sessions.TryGetValue(admit.Worker, out WorkerSession? session):
                    Welcome(session, admit.Clock);
                    break;
                case ClockEffect.Acknowledge taken:
                    _leases.Heard(taken.Worker, Now);
                    Answer(taken.Worker, [
                        new ToWorker { Acknowledged = new Acknowledged { Clock = taken.Clock } },
                    ]);
                    break;
                case ClockEffect.Give give:
                    Answer(give.Worker, [
                        .. _state!.Values().Select(static chunk => new ToWorker { Chunk = chunk }),
                        new ToWorker { Values = new Values() },
                    ]);
                    break;
                case ClockEffect.Refuse refuse:
                    Answer(refuse.Worker, [new ToWorker { Refusal = new Refusal { Reason = refuse.Reason } }]);
                    break;
            }
        }
    }

    private void Welcome(WorkerSession session, long clock) => Answer(session.Worker, [
        new ToWorker { Welcome = new Welcome { Clock = clock, WantsValues = !_state!.IsInitial } },
    ]);

    private void Answer(int worker, List<ToWorker> messages)
    {
        // A worker that is not here asks again when it is.
        if (_sessions.TryGetValue(worker, out WorkerSession? session))
        {
            _held.Enqueue((_sequence, session.Outgoing, messages));
            Release();
        }
    }

    private void Release()
    {
        while (_held.TryPeek(out var next) && (_runsAlone || _taken >= next.Sequence))
        {
            _held.Dequeue();
            next.To.Send(next.Messages);
        }
    }

    private void Tick()
    {
        if (_isPrimary && _state is not null)
        {
            foreach (int worker in _leases.TakeExpired(Now))
            {
                Record(new Entry { Gone = new Gone { Worker = worker } });
            }
        }

        if (_aloneSince is { } since && Now - since > settings.JoinTimeMax)
        {
            // The backup may have become the primary; this one can't know, and must not go on beside it.
            throw new ParameterServerException(
                $"The backup of this server has not come back in {settings.JoinTimeMax.TotalSeconds:0} s, so it " +
                "ends: nothing could be acknowledged without it. Workers go on with the backup where that lives.");
        }
    }
}
