namespace Lepton.Torch.Modules;

/// <summary>
/// The negative logarithm of the probability that softmax gives the target: PyTorch's <c>nn.CrossEntropyLoss</c>.
/// State: <c>weight</c> [classes], where there is one.
/// </summary>
/// <param name="weight">
/// A weight for each class, for classes of unequal size; taken over. The mean is then weighted too.
/// </param>
/// <param name="reduction">What becomes of the samples' losses.</param>
/// <param name="ignoreIndex">A target that counts for nothing.</param>
/// <param name="labelSmoothing">The share of a target that is spread over all classes, from 0 to 1.</param>
public sealed class CrossEntropyLoss(
    Tensor? weight = null, Reduction reduction = Reduction.Mean, long ignoreIndex = -100, double labelSmoothing = 0)
    : Loss
{
    private readonly ModuleBuffer? _weight = ClassWeights.Buffer(weight);

    /// <summary>
    /// Logits [n, classes, ..] with class numbers [n, ..] (int64), or with probabilities of the logits' shape.
    /// </summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        LossFunctions.CrossEntropy(input, target, _weight, reduction, ignoreIndex, labelSmoothing);
}
