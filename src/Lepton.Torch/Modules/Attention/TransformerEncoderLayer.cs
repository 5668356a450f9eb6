namespace Lepton.Torch.Modules;

/// <summary>
/// The transformer's block: self-attention and two linear layers, each with a way past it and a normalisation.
/// PyTorch's <c>nn.TransformerEncoderLayer</c>; with <see cref="TransformerOptions.IsCausal"/>, the block of a language
/// model. State: <c>self_attn.*</c> (<see cref="MultiheadAttention"/>), <c>linear1.*</c>, <c>linear2.*</c>,
/// <c>norm1.*</c>, <c>norm2.*</c>.
/// </summary>
public sealed class TransformerEncoderLayer : Module<Tensor, Tensor>
{
    private readonly MultiheadAttention _selfAttn;
    private readonly Linear _linear1;
    private readonly Linear _linear2;
    private readonly LayerNorm _norm1;
    private readonly LayerNorm _norm2;
    private readonly TransformerOptions _options;

    /// <param name="width">The size of inputs and outputs, a multiple of the heads.</param>
    /// <param name="heads">How many heads attention has, 1 or more.</param>
    /// <param name="options">Null: PyTorch's defaults.</param>
    public TransformerEncoderLayer(long width, int heads, TransformerOptions? options = null)
    {
        _options = options ?? new TransformerOptions();
        _selfAttn = new MultiheadAttention(width, heads, _options.Dropout, batchFirst: _options.BatchFirst);
        _linear1 = new Linear(width, _options.FeedForward);
        _linear2 = new Linear(_options.FeedForward, width);
        _norm1 = new LayerNorm(width, _options.NormEpsilon);
        _norm2 = new LayerNorm(width, _options.NormEpsilon);
    }

    /// <summary>
    /// [length, n, width], or [n, length, width] where the batch is first; the output is of that shape too.
    /// </summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null);

    /// <summary>As the other, with masks as <see cref="MultiheadAttention.Forward"/> takes them.</summary>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public Tensor Forward(Tensor input, Tensor? attentionMask, Tensor? keyPaddingMask = null)
    {
        // What autograd needs it keeps itself; the rest is not held until the step ends.
        using var scope = new TensorScope();
        return scope.Keep(Layer(input, attentionMask, keyPaddingMask));
    }

    private Tensor Layer(Tensor input, Tensor? attentionMask, Tensor? keyPaddingMask)
    {
        // Shapes: L length, N samples, E width; N before L where the batch is first.
        Tensor x_LNE = input;
        if (_options.NormFirst)
        {
            x_LNE += Attend(_norm1.Forward(x_LNE), attentionMask, keyPaddingMask);
            return x_LNE + FeedForward(_norm2.Forward(x_LNE));
        }

        x_LNE = _norm1.Forward(x_LNE + Attend(x_LNE, attentionMask, keyPaddingMask));
        return _norm2.Forward(x_LNE + FeedForward(x_LNE));
    }

    private Tensor Attend(Tensor x_LNE, Tensor? attentionMask, Tensor? keyPaddingMask) => Drop(_selfAttn.Forward(
        x_LNE, x_LNE, x_LNE, keyPaddingMask, attentionMask, _options.IsCausal, needWeights: false).Output);

    private Tensor FeedForward(Tensor x_LNE)
    {
        Tensor inner_LNF = _linear1.Forward(x_LNE);
        return Drop(_linear2.Forward(Drop(_options.Activation?.Invoke(inner_LNF) ?? inner_LNF.Relu())));
    }

    private Tensor Drop(Tensor x_LNE) => Functional.Dropout(x_LNE, _options.Dropout, IsTraining);
}
