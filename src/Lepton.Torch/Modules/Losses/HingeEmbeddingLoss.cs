namespace Lepton.Torch.Modules;

/// <summary>
/// Distances: themselves where the target is 1, the margin less them where it is -1: PyTorch's
/// <c>nn.HingeEmbeddingLoss</c>.
/// </summary>
/// <param name="margin">The margin.</param>
/// <param name="reduction">What becomes of the elements' losses.</param>
public sealed class HingeEmbeddingLoss(double margin = 1, Reduction reduction = Reduction.Mean) : Loss
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        LossFunctions.HingeEmbeddingLoss(input, target, margin, reduction);
}
