namespace Lepton.Torch.Modules;

/// <summary>The cross entropy of probabilities of yes: PyTorch's <c>nn.BCELoss</c>.</summary>
/// <param name="weight">Weights that broadcast to the elements; taken over. State: <c>weight</c>.</param>
/// <param name="reduction">What becomes of the elements' losses.</param>
public sealed class BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : Loss
{
    private readonly ModuleBuffer? _weight = ClassWeights.Buffer(weight);

    /// <summary>Probabilities and targets from 0 to 1, of one shape.</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        LossFunctions.BinaryCrossEntropy(input, target, _weight, reduction);
}
