namespace Lepton.Torch.Modules;

/// <summary>The Kullback-Leibler divergence of distributions: PyTorch's <c>nn.KLDivLoss</c>.</summary>
/// <param name="reduction">What becomes of the elements' losses.</param>
/// <param name="logTarget">Whether targets are logarithms of probabilities too.</param>
/// <param name="meanOfBatch">
/// Whether the sum is divided by the number of samples, which is the mean divergence (PyTorch's <c>batchmean</c>);
/// <paramref name="reduction"/> then counts for nothing.
/// </param>
public sealed class KLDivLoss(Reduction reduction = Reduction.Mean, bool logTarget = false, bool meanOfBatch = false)
    : Loss
{
    /// <summary>Logarithms of probabilities, and probabilities of the same shape [n, ..].</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => meanOfBatch
        ? LossFunctions.KlDivergence(input, target, Reduction.Sum, logTarget) / input.Size(0)
        : LossFunctions.KlDivergence(input, target, reduction, logTarget);
}
