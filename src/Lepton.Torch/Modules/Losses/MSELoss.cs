namespace Lepton.Torch.Modules;

/// <summary>Squared differences: PyTorch's <c>nn.MSELoss</c>.</summary>
/// <param name="reduction">What becomes of the elements' losses.</param>
public sealed class MSELoss(Reduction reduction = Reduction.Mean) : Loss
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => LossFunctions.MseLoss(input, target, reduction);
}
