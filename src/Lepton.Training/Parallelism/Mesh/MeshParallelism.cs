using System.Globalization;
using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Checkpoints;
using Lepton.Training.Ranks;

namespace Lepton.Training.Parallelism;

/// <summary>
/// Trains a <see cref="Pipeline"/> on a mesh: any combination of data, tensor and pipeline parallelism, with the loss
/// that one rank would have. The optimizer gets <see cref="OwnParameters"/>; <see cref="Loop.Trainer"/> gets this by
/// its <see cref="Loop.Trainer.Parallelism"/>.
/// </summary>
/// <remarks>
/// Of a step: each data rank takes its samples, in as many parts as the trainer accumulates; stages run them by the
/// schedule; gradients are averaged along the data axis while the last backward runs. Model and mesh stay the caller's.
/// </remarks>
public sealed class MeshParallelism : IParallelism
{
    private readonly RankContext _ranks;
    private readonly DeviceMesh _mesh;
    private readonly Pipeline _model;
    private readonly MeshOptions _options;
    private readonly DistributedDataParallel? _data;
    private readonly MeshParameters _parameters;
    private readonly TiedParameters _tied;
    private readonly string _note;
    private MeshStateLayout? _layout;
    private long _step;

    /// <summary>Readies a model for a mesh; the ranks' models become equal with the trainer's first fit.</summary>
    /// <param name="ranks">This process's place.</param>
    /// <param name="mesh">The mesh that the model was made with.</param>
    /// <param name="model">This rank's stage of the model.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">This rank would have no parameter to step.</exception>
    public MeshParallelism(RankContext ranks, DeviceMesh mesh, Pipeline model, MeshOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentNullException.ThrowIfNull(model);
        _ranks = ranks;
        _mesh = mesh;
        _model = model;
        _options = options ?? new MeshOptions();
        _parameters = new MeshParameters(model, mesh);
        _tied = new TiedParameters(mesh, model, _parameters, _options.Tied);
        _data = mesh.DataAxis.Group is { } group ? new DistributedDataParallel(group, _options.Reducer) : null;
        OwnParameters = _options.ShardsOptimizer
            ? [.. _parameters.Trained.Where(named => _parameters.OwnerOf(named.Name) == mesh.Place.Data)]
            : _parameters.Trained;
        _note = string.Create(CultureInfo.InvariantCulture, $"mesh {mesh.Shape}");
        if (OwnParameters.Count == 0)
        {
            throw new ArgumentException(
                $"Rank {ranks.Rank} of the mesh {mesh.Shape} has no parameter to step: {_parameters.Trained.Count} " +
                $"are on its stage, shared among {mesh.Shape.Data} ranks. Give a mesh with fewer of them, or " +
                $"{nameof(MeshOptions.ShardsOptimizer)} off, or other stages.");
        }
    }

    /// <summary>
    /// What this rank's optimizer changes: the parameters of its stage, with
    /// <see cref="MeshOptions.ShardsOptimizer"/> its share of them.
    /// </summary>
    public IReadOnlyList<NamedParameter> OwnParameters { get; }

    /// <summary>Bytes that this rank has sent so far, on all axes.</summary>
    public long BytesSent => _mesh.DataAxis.BytesSent + _mesh.TensorAxis.BytesSent + _mesh.PipelineAxis.BytesSent;

    /// <inheritdoc/>
    public int Rank => _mesh.Place.Data;

    /// <inheritdoc/>
    public int Size => _mesh.Shape.Data;

    /// <inheritdoc/>
    public ulong RandomStream => ((ulong)_mesh.Place.Pipeline * (ulong)_mesh.Shape.Data) + (ulong)_mesh.Place.Data;

    /// <inheritdoc/>
    public bool HasLoss => _model.IsLast;

    IStateLayout? IParallelism.StateLayout => _layout;

    /// <inheritdoc/>
    public void Attach(Module model)
    {
        if (!ReferenceEquals(model, _model))
        {
            throw new ArgumentException(
                $"{nameof(MeshParallelism)} was made for another model than the trainer's.", nameof(model));
        }

        if (_layout is not null)
        {
            throw new InvalidOperationException("A model is attached already; each needs a parallelism of its own.");
        }

        _data?.Attach(model);
        _mesh.TensorAxis.Broadcast([.. _parameters.Replicated], 0);
        _tied.MakeEqual();
        _layout = new MeshStateLayout(_mesh, _parameters, _options.ShardsOptimizer);
    }

    /// <inheritdoc/>
    public void ForwardBackward(int parts, Func<int, Tensor> forward)
    {
        ArgumentNullException.ThrowIfNull(forward);

        // One note a step: within it ranks do different things by right, and their groups tell who waits.
        _ranks.Note(++_step, "step", _note);
        if (_data is not null)
        {
            _mesh.DataAxis.CountSum(_parameters.GradientBytes);
        }

        if (_model.Link is not null)
        {
            new StageRunner(_model, _options.Schedule, _data).Run(parts, forward);
        }
        else
        {
            PartLoop.Run(parts, forward, _data is null ? null : _data.BeforeLastBackward);
        }
    }

    /// <inheritdoc/>
    public void Step(Optimizer optimizer, double? clipNorm)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        _tied.AddGradients();
        if (clipNorm is { } norm)
        {
            ClipGradients(norm);
        }

        optimizer.Step();
        if (_options.ShardsOptimizer)
        {
            for (int owner = 0; owner < Size; owner++)
            {
                _mesh.DataAxis.Broadcast([.. _parameters.OwnedBy(owner)], owner);
            }
        }

        TensorGradients.ZeroGradients(_parameters.TrainedTensors, toNull: _data is null);
    }

    /// <inheritdoc/>
    public void Sum(Span<double> values, string what) => _ranks.Group?.SumInPlace(values);

    /// <summary>Frees the buckets.</summary>
    public void Dispose() => _data?.Dispose();

    // As clip_grad_norm_, over all parameters of the model, each counted once wherever its copies are.
    private void ClipGradients(double normMax)
    {
        using var scope = new TensorScope();
        double squares = 0;
        foreach (NamedParameter named in _parameters.Trained)
        {
            bool counts = (_parameters.IsSharded(named.Name) || _mesh.Place.Tensor == 0) && !_tied.IsCopy(named.Name);
            if (counts && named.Parameter.Grad is { } gradient)
            {
                double norm = gradient.Norm().ToDouble();
                squares += norm * norm;
            }
        }

        double total = Math.Sqrt(_mesh.PipelineAxis.Sum(_mesh.TensorAxis.Sum(squares)));
        double scale = normMax / (total + 1e-6);
        if (scale < 1)
        {
            foreach (NamedParameter named in _parameters.Trained)
            {
                named.Parameter.Grad?.MultiplyInPlace(scale);
            }
        }
    }
}
