using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.Parallelism.Compression;

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

    /// <summary>Has gradients be compressed before they are exchanged; before <see cref="Attach"/>.</summary>
    /// <exception cref="NotSupportedException">It exchanges no gradients that could be.</exception>
    void Compress(GradientCompression compression) => throw new NotSupportedException(
        $"{GetType().Name} has no gradients to compress. Leave the compression out of the trainer's options.");

    /// <summary>
    /// Makes the ranks' models equal again where they went apart, before they are saved or measured; all ranks call it.
    /// </summary>
    void Settle()
    {
        // They never do.
    }

    /// <summary>Behind the optimizer's step.</summary>
    void AfterStep()
    {
        // Nothing is left to be done.
    }

    /// <summary>
    /// What it remembers from step to step, by names, for checkpoints: the same on every rank, and for any number of
    /// them. All ranks call it; the tensors belong to the caller's scope.
    /// </summary>
    IReadOnlyDictionary<string, Tensor> ExportState() => new Dictionary<string, Tensor>();

    /// <summary>Goes on from what a checkpoint holds; behind <see cref="Attach"/>.</summary>
    void ImportState(IReadOnlyDictionary<string, Tensor> state)
    {
        // Remembers nothing.
    }

    /// <summary>Adds this rank's measurements since the last call, by names, for the metrics of a run.</summary>
    void AddMetrics(IDictionary<string, double> metrics)
    {
        // Measures nothing.
    }
}
