namespace Lepton.Torch.Modules;

/// <summary>Squared differences below delta, delta times absolute ones above: PyTorch's <c>nn.HuberLoss</c>.</summary>
/// <param name="delta">Where the one goes over into the other, above 0.</param>
/// <param name="reduction">What becomes of the elements' losses.</param>
public sealed class HuberLoss(double delta = 1, Reduction reduction = Reduction.Mean) : Loss
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        LossFunctions.HuberLoss(input, target, reduction, delta);
}
