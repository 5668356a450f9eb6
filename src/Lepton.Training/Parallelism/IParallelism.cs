using Lepton.Torch;
using Lepton.Torch.Modules;

namespace Lepton.Training.Parallelism;

/// <summary>
/// How ranks share the work of a step. The model knows nothing of it, and the trainer only this: another way to share
/// is
/// another implementation.
/// </summary>
public interface IParallelism : IDisposable
{
    /// <summary>This rank, from 0.</summary>
    int Rank { get; }

    /// <summary>How many ranks there are.</summary>
    int Size { get; }

    /// <summary>Makes all ranks' models equal and readies them; once, before the first step.</summary>
    void Attach(Module model);

    /// <summary>Before each forward of a training step.</summary>
    /// <param name="isLast">Whether the step's gradients are complete with the backward that follows.</param>
    void BeforeForward(bool isLast);

    /// <summary>
    /// Before each backward. Behind that of the last, the gradients are the mean of all ranks'.
    /// </summary>
    void BeforeBackward(Tensor loss, bool isLast);

    /// <summary>Makes each number the sum of all ranks', in place; all ranks call it.</summary>
    /// <param name="values">As many on each rank.</param>
    /// <param name="what">What they are, for errors.</param>
    void Sum(Span<double> values, string what);
}
