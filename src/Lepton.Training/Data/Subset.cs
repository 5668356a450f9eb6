using Lepton.Torch;

namespace Lepton.Training.Data;

/// <summary>Some of a data set's samples, such as a fold of a cross-validation.</summary>
/// <param name="source">The data set.</param>
/// <param name="chosen">Which of its samples, in order.</param>
public sealed class Subset(IDataset source, IReadOnlyList<long> chosen) : IDataset
{
    /// <inheritdoc/>
    public long Count => chosen.Count;

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Read(ReadOnlySpan<long> indices)
    {
        var places = new long[indices.Length];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = chosen[(int)indices[i]];
        }

        return source.Read(places);
    }
}
