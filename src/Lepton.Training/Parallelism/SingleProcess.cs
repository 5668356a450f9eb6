using Lepton.Torch;
using Lepton.Torch.Modules;
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
    public void BeforeForward(bool isLast)
    {
        // Gradients are complete as backward leaves them.
    }

    /// <inheritdoc/>
    public void BeforeBackward(Tensor loss, bool isLast)
    {
        // As above.
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
