using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Ranks;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism;

/// <summary>
/// Every rank trains a model of its own on its part of each batch, and after some steps the models become their mean
/// (Stich, "Local SGD Converges Fast and Communicates Little", 2019). Sends as many bytes as a step of
/// <see cref="DistributedDataParallel"/>, but in one step of many.
/// </summary>
/// <remarks>
/// What the optimizer remembers is averaged along, as are a model's buffers of floating dtype. Models also become equal
/// before they are measured or saved, so the steps between two checkpoints or validations are best a multiple of the
/// steps between two averagings. With 1 step and plain SGD it is the same as averaging gradients. Not thread safe.
/// </remarks>
/// <param name="ranks">This process's place; stays the caller's.</param>
/// <param name="optimizer">What steps; stays the caller's.</param>
/// <param name="averageEverySteps">Steps between two averagings, 1 or more.</param>
public sealed class LocalSgd(RankContext ranks, Optimizer optimizer, int averageEverySteps) : IParallelism
{
    private readonly int _averageEverySteps = averageEverySteps >= 1
        ? averageEverySteps
        : throw new ArgumentOutOfRangeException(
            nameof(averageEverySteps), averageEverySteps, "Models are averaged every so many steps, 1 or more.");

    private Module? _model;
    private int _stepsApart;

    /// <inheritdoc/>
    public int Rank => ranks.Rank;

    /// <inheritdoc/>
    public int Size => ranks.Size;

    /// <inheritdoc/>
    public bool AreModelsEqual => _averageEverySteps == 1;

    /// <inheritdoc/>
    public void Attach(Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        using var noGrad = NoGrad();
        ranks.Group?.BroadcastCoalesced([.. model.StateDict().Values]);
    }

    /// <inheritdoc/>
    public void ForwardBackward(int parts, Func<int, Tensor> forward) => PartLoop.Run(parts, forward);

    /// <inheritdoc/>
    public void Step(Optimizer optimizer, double? clipNorm)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (clipNorm is { } norm)
        {
            optimizer.ClipGradients(norm);
        }

        optimizer.Step();
        optimizer.ZeroGradients();
        if (++_stepsApart == _averageEverySteps)
        {
            Settle();
        }
    }

    /// <inheritdoc/>
    public void Settle()
    {
        if (_stepsApart > 0 && ranks.Group is { } group)
        {
            using var noGrad = NoGrad();
            using var scope = new TensorScope();
            foreach (IGrouping<DType, Tensor> alike in _model!.StateDict().Values
                .Concat(optimizer.ExportState().Tensors.Values)
                .Where(static tensor => tensor.DType.IsFloatingPoint())
                .GroupBy(static tensor => tensor.DType))
            {
                Average(group, [.. alike]);
            }
        }

        _stepsApart = 0;
    }

    /// <inheritdoc/>
    public void Sum(Span<double> values, string what) => ranks.Group?.SumInPlace(values);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The group is the ranks' own.
    }

    private static void Average(ProcessGroup group, Tensor[] tensors)
    {
        Tensor flat = Cat([.. tensors.Select(static tensor => tensor.Reshape(-1))]);
        using (Work work = group.AllReduce(flat, ReduceOperation.Average))
        {
            work.Wait();
        }

        long start = 0;
        foreach (Tensor tensor in tensors)
        {
            tensor.CopyFrom(flat.Narrow(0, start, tensor.ElementCount).View(tensor.Shape));
            start += tensor.ElementCount;
        }
    }
}
