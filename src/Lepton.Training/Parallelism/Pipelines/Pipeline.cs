using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Data;

namespace Lepton.Training.Parallelism;

/// <summary>
/// A model as a row of layers, of which each stage of the mesh's pipeline axis holds some: all of them where that axis
/// is one rank. Its state has the layers' names, whatever the mesh.
/// </summary>
/// <remarks>
/// Trained by <see cref="MeshParallelism"/>. <see cref="Forward"/> is for using the model: all stages call it with the
/// same input, and all get the last one's output. Not thread safe.
/// </remarks>
public sealed class Pipeline : Module<Tensor, Tensor>
{
    private readonly Func<Tensor, TrainingBatch, Tensor> _loss;
    private readonly StageLink? _link;
    private readonly MeshAxis _axis;

    // Layers are registered below the parts of their names alone.
    [NotState]
    private readonly List<Module<Tensor, Tensor>> _layers = [];

    [NotState]
    private readonly Branch _root = new();

    /// <summary>Makes all layers, one after the other, and keeps those of this rank's stage.</summary>
    /// <param name="mesh">The mesh.</param>
    /// <param name="layers">The model, first to last.</param>
    /// <param name="loss">The mean of a batch's losses, of the last layer's output.</param>
    /// <param name="starts">
    /// The first layer of each stage, as <see cref="StageBalance"/> gives them; null: as many layers on each.
    /// </param>
    /// <exception cref="ArgumentException">There are fewer layers than stages, or they share a name.</exception>
    public Pipeline(
        DeviceMesh mesh, IReadOnlyList<PipelineLayer> layers, Func<Tensor, TrainingBatch, Tensor> loss,
        IReadOnlyList<int>? starts = null)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(loss);
        _loss = loss;
        _axis = mesh.PipelineAxis;
        _link = _axis.Group is null ? null : new StageLink(_axis);
        Starts = starts ?? StageBalance.Divide([.. layers.Select(static _ => 1.0)], mesh.Shape.Pipeline);
        RequireStarts(layers.Count, mesh.Shape.Pipeline);
        RequireNames([.. layers.Select(static layer => layer.Name)]);
        int first = Starts[_axis.Rank];
        int end = _axis.Rank + 1 < Starts.Count ? Starts[_axis.Rank + 1] : layers.Count;
        for (int i = 0; i < layers.Count; i++)
        {
            Module<Tensor, Tensor> made = layers[i].Make();
            if (i >= first && i < end)
            {
                _layers.Add(made);
                _root.Add(layers[i].Name.Split('.'), made);
            }
            else
            {
                made.Dispose();
            }
        }

        foreach ((string name, Module module) in _root.Parts)
        {
            Register(name, module);
        }
    }

    /// <summary>The first layer of each stage.</summary>
    public IReadOnlyList<int> Starts { get; }

    /// <summary>What the stage before sent for the forward that comes next.</summary>
    internal Tensor? Incoming { get; set; }

    internal StageLink? Link => _link;

    internal MeshAxis Axis => _axis;

    internal bool IsFirst => _axis.Rank == 0;

    internal bool IsLast => _axis.Rank == _axis.Size - 1;

    /// <summary>
    /// A part's forward on this stage, as <see cref="Loop.Trainer"/> wants a loss: the batch's first tensor goes into
    /// the first layer; the last stage gives the loss, the others what they send on.
    /// </summary>
    public Tensor Loss(TrainingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (!IsFirst && Incoming is null)
        {
            throw new InvalidOperationException(
                $"A stage of a pipeline has a loss within a step alone. Give {nameof(MeshParallelism)} to the " +
                "trainer.");
        }

        Tensor x = Run(IsFirst ? batch[0] : Incoming!);
        return IsLast ? _loss(x, batch) : x;
    }

    /// <summary>The whole model's output, on every stage; no gradients go through it where there are several.</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (_link is null)
        {
            return Run(input);
        }

        Tensor x = Run(IsFirst ? input : _link.Receive(_axis.Rank - 1, 0, input.Device));
        if (!IsLast)
        {
            _link.Send(x, _axis.Rank + 1, 0);
            x = _link.Receive(_axis.Size - 1, 1, input.Device);
        }
        else
        {
            for (int stage = 0; stage < _axis.Rank; stage++)
            {
                _link.Send(x, stage, 1);
            }
        }

        _link.Flush();
        return x;
    }

    private Tensor Run(Tensor x)
    {
        foreach (Module<Tensor, Tensor> layer in _layers)
        {
            x = layer.Forward(x);
        }

        return x;
    }

    private void RequireStarts(int layers, int stages)
    {
        bool fits = Starts.Count == stages && Starts[0] == 0 && Starts[^1] < layers;
        for (int i = 1; i < Starts.Count; i++)
        {
            fits &= Starts[i] > Starts[i - 1];
        }

        if (!fits)
        {
            throw new ArgumentException(
                $"Stages begin at layers [{string.Join(", ", Starts)}]; expected {stages} numbers that rise from 0 " +
                $"and stay below {layers}, the number of layers.");
        }
    }

    private static void RequireNames(string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            if (Array.IndexOf(names, names[i]) != i)
            {
                throw new ArgumentException($"Two layers have the name '{names[i]}'.");
            }

            if (Array.Exists(names, name => name.StartsWith(names[i] + ".", StringComparison.Ordinal)))
            {
                throw new ArgumentException($"A layer has the name '{names[i]}', which others' names begin with.");
            }
        }
    }

    /// <summary>What lies below a part of a dotted name.</summary>
    private sealed class Branch : Module
    {
        [NotState]
        private readonly OrderedDictionary<string, Module> _parts = new(StringComparer.Ordinal);

        public IEnumerable<(string Name, Module Module)> Parts =>
            _parts.Select(static part => (part.Key, part.Value));

        public void Add(ReadOnlySpan<string> path, Module module)
        {
            if (path.Length == 1)
            {
                _parts.Add(path[0], module);
                Register(path[0], module);
                return;
            }

            if (!_parts.TryGetValue(path[0], out Module? below))
            {
                below = new Branch();
                _parts.Add(path[0], below);
                Register(path[0], below);
            }

            ((Branch)below).Add(path[1..], module);
        }
    }
}
