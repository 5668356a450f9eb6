namespace Lepton.Torch.Modules;

/// <summary>
/// That the angle of two vectors is small where the target is 1, large where it is -1: PyTorch's
/// <c>nn.CosineEmbeddingLoss</c>.
/// </summary>
/// <param name="margin">The cosine above which different ones are too near.</param>
/// <param name="reduction">What becomes of the samples' losses.</param>
public sealed class CosineEmbeddingLoss(double margin = 0, Reduction reduction = Reduction.Mean) : Module
{
    /// <summary>Computes the loss.</summary>
    /// <param name="first">[n, width].</param>
    /// <param name="second">[n, width].</param>
    /// <param name="target">1 or -1, [n].</param>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public Tensor Forward(Tensor first, Tensor second, Tensor target) =>
        LossFunctions.CosineEmbeddingLoss(first, second, target, margin, reduction);
}
