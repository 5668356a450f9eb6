namespace Lepton.Torch.Modules;

/// <summary>
/// That anchors lie nearer to positives than to negatives, by a margin: PyTorch's <c>nn.TripletMarginLoss</c>.
/// </summary>
/// <param name="margin">The margin.</param>
/// <param name="p">The norm of distances.</param>
/// <param name="reduction">What becomes of the samples' losses.</param>
public sealed class TripletMarginLoss(double margin = 1, double p = 2, Reduction reduction = Reduction.Mean) : Module
{
    /// <summary>Computes the loss.</summary>
    /// <param name="anchor">[n, width].</param>
    /// <param name="positive">What is of the same kind, [n, width].</param>
    /// <param name="negative">What is of another kind, [n, width].</param>
    /// <exception cref="TorchOperatorException">Shapes or dtypes don't fit; the message has them.</exception>
    public Tensor Forward(Tensor anchor, Tensor positive, Tensor negative) =>
        LossFunctions.TripletMarginLoss(anchor, positive, negative, margin, p, reduction);
}
