namespace Lepton.Torch.Modules;

/// <summary>
/// The negative logarithm of the probability that the model gives the target: PyTorch's <c>nn.NLLLoss</c>. State:
/// <c>weight</c> [classes], where there is one.
/// </summary>
/// <param name="weight">A weight for each class; taken over. The mean is then weighted too.</param>
/// <param name="reduction">What becomes of the samples' losses.</param>
/// <param name="ignoreIndex">A target that counts for nothing.</param>
public sealed class NLLLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, long ignoreIndex = -100) : Loss
{
    private readonly ModuleBuffer? _weight = ClassWeights.Buffer(weight);

    /// <summary>Logarithms of probabilities [n, classes, ..] with class numbers [n, ..] (int64).</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        LossFunctions.NllLoss(input, target, _weight, reduction, ignoreIndex);
}
