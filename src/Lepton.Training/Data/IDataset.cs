using Lepton.Torch;

namespace Lepton.Training.Data;

/// <summary>
/// Samples by their number. Read by the loader's thread while the model trains, one call at a time.
/// </summary>
public interface IDataset
{
    /// <summary>How many samples there are.</summary>
    long Count { get; }

    /// <summary>
    /// The samples of these numbers, in this order: tensors whose first dimension is the sample. They are the caller's,
    /// who disposes of them; where this throws, what was made so far is this data set's own to free.
    /// </summary>
    IReadOnlyList<Tensor> Read(ReadOnlySpan<long> indices);
}
