namespace Lepton.Torch.Modules;

/// <summary>
/// Mean 0 and variance 1 for each channel, by the batch in training and by running values otherwise, then a learned
/// weight and bias. State: <c>weight</c>, <c>bias</c>, <c>running_mean</c>, <c>running_var</c> [channels],
/// <c>num_batches_tracked</c> (int64).
/// </summary>
public abstract class BatchNorm : Module<Tensor, Tensor>
{
    private readonly double? _momentum;
    private readonly double _epsilon;

    private protected BatchNorm(
        long channels, double epsilon, double? momentum, bool isAffine, bool tracksRunningValues)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        _momentum = momentum;
        _epsilon = epsilon;
        Weight = isAffine ? new Parameter(Torch.Ones([channels])) : null;
        Bias = isAffine ? new Parameter(Torch.Zeros([channels])) : null;
        RunningMean = tracksRunningValues ? new ModuleBuffer(Torch.Zeros([channels])) : null;
        RunningVar = tracksRunningValues ? new ModuleBuffer(Torch.Ones([channels])) : null;
        NumBatchesTracked = tracksRunningValues ? new ModuleBuffer(Torch.Scalar(0, DType.Int64)) : null;
    }

    /// <summary>[channels]; null where it is not affine.</summary>
    public Parameter? Weight { get; }

    /// <summary>[channels]; null where it is not affine.</summary>
    public Parameter? Bias { get; }

    /// <summary>
    /// The mean of the batches so far, the later ones counting for more; null where it is not tracked.
    /// </summary>
    public ModuleBuffer? RunningMean { get; }

    /// <summary>The variance of the batches so far; null where it is not tracked.</summary>
    public ModuleBuffer? RunningVar { get; }

    /// <summary>How many batches were seen in training.</summary>
    public ModuleBuffer? NumBatchesTracked { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        RequireShape(input);
        bool tracks = IsTraining && RunningMean is not null;
        double factor = _momentum ?? 0;
        if (tracks)
        {
            NumBatchesTracked!.Value.AddInPlace(1);
            // Without a momentum the running values are plain means of all batches.
            factor = _momentum ?? 1.0 / NumBatchesTracked.Value.ToInt64();
        }

        return Functional.BatchNorm(
            input, RunningMean, RunningVar, Weight, Bias, IsTraining || RunningMean is null, factor, _epsilon);
    }

    private protected abstract void RequireShape(Tensor input);
}
