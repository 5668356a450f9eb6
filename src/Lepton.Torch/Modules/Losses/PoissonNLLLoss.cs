namespace Lepton.Torch.Modules;

/// <summary>The negative log-likelihood of counts: PyTorch's <c>nn.PoissonNLLLoss</c>.</summary>
/// <param name="logInput">Whether the model gives the logarithm of the expected count.</param>
/// <param name="full">Whether Stirling's approximation of the constant term is added.</param>
/// <param name="epsilon">What is added before logarithms.</param>
/// <param name="reduction">What becomes of the elements' losses.</param>
public sealed class PoissonNLLLoss(
    bool logInput = true, bool full = false, double epsilon = 1e-8, Reduction reduction = Reduction.Mean) : Loss
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        LossFunctions.PoissonNllLoss(input, target, logInput, full, epsilon, reduction);
}
