using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// Every rank has the whole model and a part of each batch; gradients are averaged while backward still runs. PyTorch's
/// <c>DistributedDataParallel</c>, on the same engine: c10d's reducer.
/// </summary>
/// <param name="group">The ranks; stays the caller's.</param>
/// <param name="options">Sizes of the buckets; null: PyTorch's.</param>
public sealed class DistributedDataParallel(ProcessGroup group, ReducerOptions? options = null) : IParallelism
{
    private Reducer? _reducer;
    private Action<CollectiveInfo>? _told;
    private string _gradients = "";

    /// <inheritdoc/>
    public int Rank => group.Rank;

    /// <inheritdoc/>
    public int Size => group.Size;

    /// <summary>Told of what this rank does next with the others, the reducer's work included; null for
    /// nobody.</summary>
    internal Action<CollectiveInfo>? OnStart
    {
        get => _told;
        set => group.OnStart = _told = value;
    }

    /// <inheritdoc/>
    public void Attach(Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (_reducer is not null)
        {
            throw new InvalidOperationException("A model is attached already; each needs a parallelism of its own.");
        }

        NamedParameter[] trained = [.. model.NamedParameters().Where(static named => named.Parameter.RequiresGrad)];
        Tensor[] parameters = [.. trained.Select(static named => named.Parameter.Value)];
        _reducer = Reducer.Create(parameters, group, options, [.. trained.Select(static named => named.Name)]);
        Tensor[] state = [.. model.StateDict().Values];
        using (NoGrad())
        {
            group.BroadcastCoalesced(state);
        }

        _gradients = $"gradients of {trained.Length} parameters, " +
            $"{parameters.Sum(static parameter => parameter.ElementCount)} elements";
    }

    /// <inheritdoc/>
    public void ForwardBackward(int parts, Func<int, Tensor> forward) =>
        PartLoop.Run(parts, forward, BeforeLastBackward);

    /// <inheritdoc/>
    public void Step(Optimizer optimizer, double? clipNorm)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (clipNorm is { } norm)
        {
            optimizer.ClipGradients(norm);
        }

        optimizer.Step();

        // The gradients are views of the reducer's buckets.
        optimizer.ZeroGradients(toNull: false);
    }

    /// <inheritdoc/>
    public void Sum(Span<double> values, string what)
    {
        using var scope = new TensorScope();
        Tensor tensor = From<double>(values);
        using (Work work = group.AllReduce(tensor))
        {
            work.Wait();
        }

        tensor.CopyInto(values);
    }

    /// <summary>Has the backward that follows reduce the gradients that it and those before it left.</summary>
    internal void BeforeLastBackward(Tensor output)
    {
        _reducer!.BeforeForward();

        // The reducer's own collectives are started in native code, which tells nobody of them.
        _told?.Invoke(new CollectiveInfo(group.Started, "backward", Rank, _gradients));
        _reducer.BeforeBackward(output);
    }

    /// <summary>Frees the buckets; the gradients in them go with it.</summary>
    public void Dispose() => _reducer?.Dispose();
}
