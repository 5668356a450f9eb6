using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Data;

/// <summary>Samples that lie in memory, as tensors of one size in the first dimension. The tensors stay the
/// caller's.</summary>
public sealed class TensorDataset : IDataset
{
    private readonly Tensor[] _tensors;

    /// <summary>Makes a data set of tensors, such as inputs [n, ..] and targets [n].</summary>
    /// <exception cref="ArgumentException">There is no tensor, or they don't have as many samples.</exception>
    public TensorDataset(params ReadOnlySpan<Tensor> tensors)
    {
        if (tensors.IsEmpty)
        {
            throw new ArgumentException("A data set needs a tensor.", nameof(tensors));
        }

        Count = tensors[0].Size(0);
        foreach (Tensor tensor in tensors)
        {
            if (tensor.Size(0) != Count)
            {
                throw new ArgumentException(
                    $"The tensors of a data set have as many samples each; the first, {tensors[0].Describe()}, has " +
                    $"{Count}, but another is {tensor.Describe()}.",
                    nameof(tensors));
            }
        }

        _tensors = tensors.ToArray();
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Read(ReadOnlySpan<long> indices)
    {
        using Tensor places = From(indices);
        var read = new List<Tensor>(_tensors.Length);
        try
        {
            foreach (Tensor tensor in _tensors)
            {
                read.Add(tensor.IndexSelect(0, places));
            }

            return read;
        }
        catch
        {
            read.ForEach(static tensor => tensor.Dispose());
            throw;
        }
    }
}
