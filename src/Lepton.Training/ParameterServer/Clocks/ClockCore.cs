namespace Lepton.Training.ParameterServer.Clocks;

/// <summary>
/// Decides when gradients are applied and who gets values when: a clock for each worker, which counts its gradients.
/// Pure and deterministic: inputs in, effects out. Primary and backup of a server run one each on the same inputs.
/// </summary>
/// <remarks>
/// What holds: gradients of a worker and a clock are applied once. Values that are given to a worker at clock c, with a
/// staleness of s, have all gradients in that workers who are not gone pushed at clocks below c - s. Whoever is not
/// gone is waited for; whoever is, is not.
/// </remarks>
internal sealed class ClockCore
{
    private readonly UpdateMode _mode;
    private readonly int _staleness;
    private readonly WorkerClock[] _workers;
    private readonly long?[] _wanted;
    private readonly List<ClockEffect> _effects = [];
    private long _rounds;

    public ClockCore(UpdateMode mode, int staleness, int workers)
        : this(mode, staleness, new ClockState(0, [.. Enumerable.Repeat(new WorkerClock(), workers)]))
    {
    }

    public ClockCore(UpdateMode mode, int staleness, ClockState state)
    {
        (_mode, _staleness, _rounds) = (mode, staleness, state.Rounds);
        _workers = [.. state.Workers];
        _wanted = new long?[_workers.Length];
    }

    public ClockState State => new(_rounds, [.. _workers]);

    public IReadOnlyList<ClockEffect> Step(ClockInput input)
    {
        _effects.Clear();
        switch (input)
        {
            case ClockInput.Joined joined:
                Join(joined.Worker);
                break;
            case ClockInput.Pushed pushed:
                Push(pushed);
                break;
            case ClockInput.Wanted wanted when !RefuseGone(wanted.Worker):
                _wanted[wanted.Worker] = wanted.Clock;
                break;
            case ClockInput.Gone gone:
                _workers[gone.Worker] = _workers[gone.Worker] with { IsGone = true };
                _wanted[gone.Worker] = null;
                break;
        }

        CloseRound();
        Answer();
        return [.. _effects];
    }

    private void Join(int worker)
    {
        WorkerClock before = _workers[worker];
        long clock = _mode == UpdateMode.Synchronous
            ? _rounds + (before.Weight is null ? 0 : 1)
            : Others(worker).Select(static other => other.Clock).DefaultIfEmpty(before.Clock).Min();
        _workers[worker] = before with { Clock = clock, IsGone = false };
        _wanted[worker] = null;
        _effects.Add(new ClockEffect.Admit(worker, clock));
    }

    private void Push(ClockInput.Pushed pushed)
    {
        WorkerClock worker = _workers[pushed.Worker];
        if (RefuseGone(pushed.Worker))
        {
            return;
        }

        if (pushed.Clock < worker.Clock)
        {
            // Sent again, as the server that took them died before it said so.
            _effects.Add(new ClockEffect.Acknowledge(pushed.Worker, pushed.Clock, IsNew: false));
            return;
        }

        if (pushed.Clock > worker.Clock || worker.Weight is not null)
        {
            _effects.Add(new ClockEffect.Refuse(
                pushed.Worker,
                $"worker {pushed.Worker} pushes gradients {pushed.Clock} where {worker.Clock} " +
                "were to come; pull between two pushes"));
            return;
        }

        bool waits = _mode == UpdateMode.Synchronous;
        _workers[pushed.Worker] = worker with { Clock = worker.Clock + 1, Weight = waits ? pushed.Weight : null };
        _effects.Add(new ClockEffect.Acknowledge(pushed.Worker, pushed.Clock, IsNew: true));
        if (!waits)
        {
            _effects.Add(new ClockEffect.Apply([new Contribution(pushed.Worker, 1)]));
        }
    }

    private bool RefuseGone(int worker)
    {
        if (_workers[worker].IsGone)
        {
            _effects.Add(new ClockEffect.Refuse(
                worker,
                $"worker {worker} was silent for so long that the others go on without it; start it again to take " +
                "part from where they are"));
        }

        return _workers[worker].IsGone;
    }

    private void CloseRound()
    {
        if (_mode != UpdateMode.Synchronous
            || !_workers.Any(static worker => worker is { IsGone: false, Weight: not null })
            || _workers.Any(static worker => worker is { IsGone: false, Weight: null }))
        {
            return;
        }

        // Gradients of one that died since are in: they were acknowledged.
        double sum = _workers.Sum(static worker => worker.Weight ?? 0);
        _effects.Add(new ClockEffect.Apply([.. Enumerable.Range(0, _workers.Length)
            .Where(worker => _workers[worker].Weight is not null)
            .Select(worker => new Contribution(worker, sum > 0 ? _workers[worker].Weight!.Value / sum : 0))]));
        for (int worker = 0; worker < _workers.Length; worker++)
        {
            _workers[worker] = _workers[worker] with { Weight = null };
        }

        _rounds++;
    }

    private void Answer()
    {
        long slowest = _workers.Where(static worker => !worker.IsGone).Select(static worker => worker.Clock)
            .DefaultIfEmpty(long.MaxValue).Min();
        for (int worker = 0; worker < _wanted.Length; worker++)
        {
            bool isReady = _wanted[worker] is { } clock && _mode switch
            {
                UpdateMode.Synchronous => _rounds >= clock,
                UpdateMode.BoundedStaleness => slowest >= clock - _staleness,
                _ => true,
            };
            if (isReady)
            {
                _wanted[worker] = null;
                _effects.Add(new ClockEffect.Give(worker));
            }
        }
    }

    private IEnumerable<WorkerClock> Others(int worker) =>
        _workers.Where((other, number) => number != worker && !other.IsGone);
}
