namespace Lepton.Torch.Modules;

/// <summary>
/// Makes one vector of a sequence of them: a mean whose weights are learned, by additive attention (Bahdanau et al.,
/// "Neural Machine Translation by Jointly Learning to Align and Translate", §3.1, with one learned question). The
/// weights tell what the model looked at. State: <c>proj.weight</c> [hidden, in], <c>proj.bias</c> [hidden],
/// <c>score.weight</c> [1, hidden].
/// </summary>
/// <param name="inputs">The size of a vector, 1 or more.</param>
/// <param name="hidden">The size of the space in which vectors are judged, 1 or more.</param>
public sealed class AttentionPooling(long inputs, long hidden) : Module<Tensor, Tensor>
{
    // Shapes: N samples, T time, I inputs.
    private Tensor? _lastWeights;

    /// <summary>Turns a vector into the space in which it is judged.</summary>
    public Linear Proj { get; } = new(inputs, hidden);

    /// <summary>Judges it.</summary>
    public Linear Score { get; } = new(hidden, 1, hasBias: false);

    /// <summary>Whether <see cref="LastWeights"/> are kept; false at first.</summary>
    public bool KeepsWeights { get; set; }

    /// <summary>
    /// The weights [n, time] of the last forward, a copy of the module's own that the next one replaces; null where
    /// they are not kept. For where the module is a part of a <see cref="Sequential"/>.
    /// </summary>
    public Tensor? LastWeights => _lastWeights;

    /// <summary>[n, time, in] is [n, in].</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => ForwardWithWeights(input).Pooled;

    /// <summary>Pools sequences and tells the weights.</summary>
    /// <param name="input">[n, time, in].</param>
    /// <param name="mask">[n, time], true for what is not looked at, such as padding; null for none.</param>
    /// <returns>The pooled vectors [n, in], and the weights [n, time], which sum up to 1.</returns>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public (Tensor Pooled, Tensor Weights) ForwardWithWeights(Tensor input, Tensor? mask = null)
    {
        Shapes.Require(input, 3, $"[n, time, {inputs}]", nameof(AttentionPooling));
        Tensor scores_NT = Score.Forward(Proj.Forward(input).Tanh()).Squeeze(-1);
        if (mask is not null)
        {
            scores_NT = scores_NT.MaskedFill(mask, double.NegativeInfinity);
        }

        Tensor weights_NT = scores_NT.Softmax(1);
        if (KeepsWeights)
        {
            _lastWeights?.Dispose();
            _lastWeights = weights_NT.Detach().Clone().Persist();
        }

        Tensor pooled_NI = weights_NT.Unsqueeze(1).MatMul(input).Squeeze(1);
        return (pooled_NI, weights_NT);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool isDisposing)
    {
        _lastWeights?.Dispose();
        base.Dispose(isDisposing);
    }
}
