namespace Lepton.Torch.Modules;

/// <summary>
/// Rows of a learned table by their numbers: PyTorch's <c>nn.Embedding</c>. State: <c>weight</c> [count, width].
/// </summary>
public class Embedding : Module<Tensor, Tensor>
{
    private readonly long? _padding;
    private readonly bool _scalesByFrequency;

    /// <summary>Makes a table of normal numbers, drawn from the default generator as PyTorch draws them.</summary>
    /// <param name="count">Rows, 1 or more.</param>
    /// <param name="width">The size of a row, 1 or more.</param>
    /// <param name="padding">A row of zeros that is not trained; negative ones count from the end. Null: none.</param>
    /// <param name="scalesByFrequency">Whether gradients are divided by how often a row is asked for.</param>
    public Embedding(long count, long width, long? padding = null, bool scalesByFrequency = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (padding is { } row && (row < -count || row >= count))
        {
            throw new ArgumentOutOfRangeException(
                nameof(padding), row, $"A table of {count} rows has no such row for padding.");
        }

        _padding = padding < 0 ? padding + count : padding;
        _scalesByFrequency = scalesByFrequency;
        Tensor weight = Init.Normal(Torch.Empty([count, width]));
        if (_padding is { } zeros)
        {
            weight.Select(0, zeros).ZeroInPlace();
        }

        Weight = new Parameter(weight);
    }

    /// <summary>[count, width].</summary>
    public Parameter Weight { get; }

    /// <summary>Row numbers [..] (int64 or int32) are [.., width].</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.Embedding(Weight, input, _padding, _scalesByFrequency);
}
