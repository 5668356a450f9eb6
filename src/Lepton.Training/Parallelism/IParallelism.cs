using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Torch.Optimizers;
using Lepton.Training.Parallelism.Compression;

namespace Lepton.Training.Parallelism;

/// <summary>
/// How ranks share the work of a step. The model knows nothing of it, and the trainer only this: another way to share
/// is another implementation.
/// </summary>
public interface IParallelism : IDisposable
{
    /// <summary>Which part of each batch is this rank's, from 0.</summary>
    int Rank { get; }

    /// <summary>Into how many parts each batch is divided among ranks.</summary>
    int Size { get; }

    /// <summary>
    /// Which sequence of random numbers is this rank's: ranks that must draw the same have the same one.
    /// </summary>
    ulong RandomStream => (ulong)Rank;

    /// <summary>
    /// Whether forward gives a loss on this rank; false on stages of a pipeline that send on what it gives.
    /// </summary>
    bool HasLoss => true;

    /// <summary>How the state lies on the ranks; null where each has all of it.</summary>
    internal IStateLayout? StateLayout => null;

    /// <summary>Whether the ranks' models are equal behind each step.</summary>
    bool AreModelsEqual => true;

    /// <summary>Makes all ranks' models equal and readies them; once, before the first step.</summary>
    void Attach(Module model);

    /// <summary>
    /// Does the forwards and backwards of a step. Behind it, gradients are the mean of all ranks'.
    /// </summary>
    /// <param name="parts">In how many parts the rank's batch is computed, 1 or more.</param>
    /// <param name="forward">
    /// Computes a part, each once and in their order, and gives what backward starts from.
    /// </param>
    void ForwardBackward(int parts, Func<int, Tensor> forward);

    /// <summary>Changes the parameters by the gradients, on all ranks alike, and removes the gradients.</summary>
    /// <param name="optimizer">This rank's.</param>
    /// <param name="clipNorm">The norm that gradients are scaled down to before; null: not at all.</param>
    void Step(Optimizer optimizer, double? clipNorm);

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
