using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Parallelism.Compression;

namespace Lepton.Training.Parallelism;

/// <summary>One rank, which shares nothing.</summary>
public sealed class SingleProcess : IParallelism
{
    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public void Attach(Module model)
    {
        // Its model is the only one.
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
    }

    /// <inheritdoc/>
    public void Sum(Span<double> values, string what)
    {
        // The sum of one.
    }

    /// <inheritdoc/>
    public void Compress(GradientCompression compression)
    {
        // Sends nothing.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Holds nothing.
    }
}
