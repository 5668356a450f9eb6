namespace Lepton.Torch.Modules;

/// <summary>
/// That the first ranks above the second where the target is 1, below where it is -1: PyTorch's
/// <c>nn.MarginRankingLoss</c>.
/// </summary>
/// <param name="margin">By how much.</param>
/// <param name="reduction">What becomes of the samples' losses.</param>
public sealed class MarginRankingLoss(double margin = 0, Reduction reduction = Reduction.Mean) : Module
{
    /// <summary>Computes the loss.</summary>
    /// <param name="first">[n].</param>
    /// <param name="second">[n].</param>
    /// <param name="target">1 or -1, [n].</param>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public Tensor Forward(Tensor first, Tensor second, Tensor target) =>
        LossFunctions.MarginRankingLoss(first, second, target, margin, reduction);
}
