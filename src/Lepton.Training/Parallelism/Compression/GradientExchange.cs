using Lepton.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>Exchanges the buckets of one rank. Used by one thread at a time; all ranks give the same buckets.</summary>
internal abstract class GradientExchange : IDisposable
{
    /// <summary>Has a bucket's gradients become what the ranks agree on as their mean, in place.</summary>
    public abstract void Reduce(ExchangeBucket bucket);

    /// <summary>
    /// What is remembered, by parameters' names, and the same for any number of ranks; all ranks call it. The tensors
    /// belong to the caller's scope.
    /// </summary>
    public virtual IReadOnlyDictionary<string, Tensor> ExportState() => new Dictionary<string, Tensor>();

    /// <summary>Goes on from that; names that are not there begin anew.</summary>
    public virtual void ImportState(IReadOnlyDictionary<string, Tensor> state)
    {
        // Remembers nothing.
    }

    /// <summary>Frees what is remembered.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
