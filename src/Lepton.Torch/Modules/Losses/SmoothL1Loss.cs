namespace Lepton.Torch.Modules;

/// <summary>Squared differences below beta, absolute ones above: PyTorch's <c>nn.SmoothL1Loss</c>.</summary>
/// <param name="beta">Where the one goes over into the other, 0 or more.</param>
/// <param name="reduction">What becomes of the elements' losses.</param>
public sealed class SmoothL1Loss(double beta = 1, Reduction reduction = Reduction.Mean) : Loss
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        LossFunctions.SmoothL1Loss(input, target, reduction, beta);
}
