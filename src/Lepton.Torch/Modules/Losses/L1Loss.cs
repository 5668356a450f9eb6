namespace Lepton.Torch.Modules;

/// <summary>Absolute differences: PyTorch's <c>nn.L1Loss</c>.</summary>
/// <param name="reduction">What becomes of the elements' losses.</param>
public sealed class L1Loss(Reduction reduction = Reduction.Mean) : Loss
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => LossFunctions.L1Loss(input, target, reduction);
}
