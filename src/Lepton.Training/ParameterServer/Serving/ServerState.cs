using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Optimizers;
using Lepton.Training.ParameterServer.Clocks;
using Lepton.Training.Protocol;

namespace Lepton.Training.ParameterServer.Serving;

/// <summary>
/// All that a server knows and its backup must: a state machine over entries. The same entries in the same order make
/// the same state, bit for bit. No I/O; not thread safe.
/// </summary>
internal sealed class ServerState : IDisposable
{
    private const string ValuesPart = "values";
    private const string OptimizerPart = "optimizer/";
    private const string GradientsPart = "gradients/";
    private readonly ServerShare _share;
    private readonly Tensor?[] _waiting;
    private readonly double[] _rates;
    private ClockCore _core;

    public ServerState(Configuration configuration)
    {
        Configuration = configuration;
        _share = new ServerShare(configuration);
        _waiting = new Tensor?[configuration.Workers];
        _rates = new double[configuration.Workers];
        _core = new ClockCore((UpdateMode)configuration.Mode, configuration.Staleness, configuration.Workers);
    }

    public Configuration Configuration { get; }

    /// <summary>Whether a worker has brought the first values.</summary>
    public bool IsInitial { get; private set; }

    public IReadOnlyList<WorkerClock> Workers => _core.State.Workers;

    /// <summary>The values, in chunks; copies.</summary>
    public List<Chunk> Values() => _share.Values();

    /// <summary>Takes an entry in, and applies gradients that are due.</summary>
    /// <param name="entry">Any but the configuration, which made this.</param>
    /// <param name="values">The row that came with it, which is taken over.</param>
    /// <returns>What is left to be told to workers.</returns>
    public IReadOnlyList<ClockEffect> Step(Entry entry, Tensor? values)
    {
        switch (entry.KindCase)
        {
            case Entry.KindOneofCase.Initial:
                using (values)
                {
                    _share.SetValues(values!);
                }

                IsInitial = true;
                return [];
            case Entry.KindOneofCase.Joined:
                return Apply(_core.Step(new ClockInput.Joined(entry.Joined.Worker)));
            case Entry.KindOneofCase.Gone:
                return Apply(_core.Step(new ClockInput.Gone(entry.Gone.Worker)));
            case Entry.KindOneofCase.Pushed:
                return Push(entry.Pushed, values!);
            default:
                throw new InvalidDataException($"An entry of the kind {entry.KindCase} can't come here.");
        }
    }

    /// <summary>A worker wants the values; changes nothing that a backup must know.</summary>
    public IReadOnlyList<ClockEffect> Want(int worker, long clock) =>
        Apply(_core.Step(new ClockInput.Wanted(worker, clock)));

    /// <summary>All of it, as a backup takes it: chunks, and behind them what they are.</summary>
    public (List<Chunk> Chunks, State State) Export(long sequence)
    {
        OptimizerState optimizer = _share.OptimizerState;
        var state = new State
        {
            Sequence = sequence,
            Configuration = Configuration,
            IsInitial = IsInitial,
            Rounds = _core.State.Rounds,
        };
        List<Chunk> chunks = Values();
        state.Parts.Add(ValuesPart);
        foreach ((string name, Tensor tensor) in optimizer.Tensors)
        {
            AddPart(OptimizerPart + name, tensor);
        }

        foreach ((string name, double number) in optimizer.Numbers)
        {
            state.OptimizerNumbers[name] = number;
        }

        for (int worker = 0; worker < _waiting.Length; worker++)
        {
            WorkerClock clock = Workers[worker];
            state.Workers.Add(new WorkerState
            {
                Clock = clock.Clock,
                Waits = clock.Weight is not null,
                Weight = clock.Weight ?? 0,
                IsGone = clock.IsGone,
                LearningRate = _rates[worker],
            });
            if (_waiting[worker] is { } gradients)
            {
                AddPart(string.Create(CultureInfo.InvariantCulture, $"{GradientsPart}{worker}"), gradients);
            }
        }

        return (chunks, state);

        void AddPart(string name, Tensor tensor)
        {
            chunks.AddRange(ShareChunks.Cut(tensor.AsSpan<float>(), state.Parts.Count * _share.Elements));
            state.Parts.Add(name);
        }
    }

    /// <summary>Makes a state of what <see cref="Export"/> gave.</summary>
    public static ServerState Import(IReadOnlyList<Chunk> chunks, State from)
    {
        var state = new ServerState(from.Configuration)
        {
            IsInitial = from.IsInitial,
        };
        using var scope = new TensorScope();
        var optimizer = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        long elements = state._share.Elements;
        for (int i = 0; i < from.Parts.Count; i++)
        {
            string name = from.Parts[i];
            long at = i * elements;
            Tensor row = ShareChunks.Join(
                [.. chunks.Where(chunk => chunk.At >= at && chunk.At < at + elements)], elements, at);
            if (name == ValuesPart)
            {
                using (row)
                {
                    state._share.SetValues(row);
                }
            }
            else if (name.StartsWith(OptimizerPart, StringComparison.Ordinal))
            {
                optimizer.Add(name[OptimizerPart.Length..], row);
            }
            else
            {
                state._waiting[int.Parse(name[GradientsPart.Length..], CultureInfo.InvariantCulture)] = row;
            }
        }

        state._share.SetOptimizerState(new OptimizerState(optimizer, from.OptimizerNumbers));
        foreach (Tensor tensor in optimizer.Values)
        {
            tensor.Dispose();
        }

        for (int worker = 0; worker < from.Workers.Count; worker++)
        {
            state._rates[worker] = from.Workers[worker].LearningRate;
        }

        state._core = new ClockCore(
            (UpdateMode)from.Configuration.Mode, from.Configuration.Staleness,
            new ClockState(from.Rounds, [.. from.Workers.Select(static worker => new WorkerClock(
                worker.Clock, worker.Waits ? worker.Weight : null, worker.IsGone))]));
        return state;
    }

    public void Dispose()
    {
        _share.Dispose();
        foreach (Tensor? gradients in _waiting)
        {
            gradients?.Dispose();
        }
    }

    private IReadOnlyList<ClockEffect> Push(Pushed pushed, Tensor gradients)
    {
        IReadOnlyList<ClockEffect> effects = _core.Step(new ClockInput.Pushed(
            pushed.Worker, pushed.Gradients.Clock, pushed.Gradients.Weight));
        if (effects.OfType<ClockEffect.Acknowledge>().Any(static taken => taken.IsNew))
        {
            _waiting[pushed.Worker] = gradients;
            _rates[pushed.Worker] = pushed.Gradients.LearningRate;
        }
        else
        {
            gradients.Dispose();
        }

        return Apply(effects);
    }

    private IReadOnlyList<ClockEffect> Apply(IReadOnlyList<ClockEffect> effects)
    {
        foreach (ClockEffect.Apply due in effects.OfType<ClockEffect.Apply>())
        {
            _share.Step(
                [.. due.Contributions.Select(part => (_waiting[part.Worker]!, part.Share))],
                _rates[due.Contributions[0].Worker]);
            foreach (Contribution part in due.Contributions)
            {
                _waiting[part.Worker]!.Dispose();
                _waiting[part.Worker] = null;
            }
        }

        return effects;
    }
}
