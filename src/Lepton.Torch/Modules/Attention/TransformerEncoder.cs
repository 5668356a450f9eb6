namespace Lepton.Torch.Modules;

/// <summary>
/// Several <see cref="TransformerEncoderLayer"/>s one behind the other: PyTorch's <c>nn.TransformerEncoder</c>. State:
/// <c>layers.0.*</c>, ..., <c>norm.*</c>. PyTorch copies one layer, so that all begin with the same weights; here each
/// draws its own.
/// </summary>
public sealed class TransformerEncoder : Module<Tensor, Tensor>
{
    private readonly TransformerEncoderLayer[] _layers;
    private readonly LayerNorm? _norm;

    /// <param name="count">How many layers there are, 1 or more.</param>
    /// <param name="makeLayer">Makes one of them.</param>
    /// <param name="norm">A normalisation behind the last one, taken over; null for none.</param>
    public TransformerEncoder(int count, Func<TransformerEncoderLayer> makeLayer, LayerNorm? norm = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(makeLayer);
        _layers = [.. Enumerable.Range(0, count).Select(_ => makeLayer())];
        _norm = norm;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null);

    /// <summary>As the other, with masks as <see cref="MultiheadAttention.Forward"/> takes them.</summary>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public Tensor Forward(Tensor input, Tensor? attentionMask, Tensor? keyPaddingMask = null)
    {
        Tensor x_LNE = input;
        foreach (TransformerEncoderLayer layer in _layers)
        {
            x_LNE = layer.Forward(x_LNE, attentionMask, keyPaddingMask);
        }

        return _norm is null ? x_LNE : _norm.Forward(x_LNE);
    }
}
