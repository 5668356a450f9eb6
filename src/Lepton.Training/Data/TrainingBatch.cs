using Lepton.Torch;

namespace Lepton.Training.Data;

/// <summary>A rank's part of a batch. Whoever gets it from the loader disposes of it; a part of one has
/// views.</summary>
public sealed class TrainingBatch : IDisposable
{
    private readonly IReadOnlyList<Tensor> _tensors;
    private readonly long[] _indices;

    internal TrainingBatch(
        SamplePosition position, long[] indices, int globalSize, IReadOnlyList<Tensor> tensors, bool isPadding)
    {
        Position = position;
        _indices = indices;
        GlobalSize = globalSize;
        _tensors = tensors;
        IsPadding = isPadding;
    }

    /// <summary>Which batch it is.</summary>
    public SamplePosition Position { get; }

    /// <summary>The numbers of its samples in the data set.</summary>
    public ReadOnlySpan<long> Indices => _indices;

    /// <summary>How many samples this part has.</summary>
    public int Size => _indices.Length;

    /// <summary>How many samples the batch has on all ranks together.</summary>
    public int GlobalSize { get; }

    /// <summary>
    /// Whether the last batch had no sample left for this rank: it computes on one that is another's, so that all ranks
    /// do the same, and that counts nothing.
    /// </summary>
    public bool IsPadding { get; }

    /// <summary>How many tensors a sample consists of.</summary>
    public int Count => _tensors.Count;

    /// <summary>What counts of it: its size, or 0 for padding.</summary>
    internal int CountedSize => IsPadding ? 0 : Size;

    /// <summary>A tensor, the data set's first (inputs) at 0; its first dimension is the sample.</summary>
    public Tensor this[int index] => _tensors[index];

    /// <summary>Some of its samples, as views that belong to the thread's scope.</summary>
    internal TrainingBatch Part(int start, int size) => new(
        Position, _indices[start..(start + size)], GlobalSize,
        [.. _tensors.Select(tensor => tensor.Narrow(0, start, size))], IsPadding);

    /// <summary>Frees its tensors.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors)
        {
            tensor.Dispose();
        }
    }
}
