namespace Lepton.Torch.Modules;

/// <summary>The cross entropy of logits of yes, without overflow: PyTorch's <c>nn.BCEWithLogitsLoss</c>.</summary>
/// <param name="weight">Weights that broadcast to the elements; taken over. State: <c>weight</c>.</param>
/// <param name="reduction">What becomes of the elements' losses.</param>
/// <param name="positiveWeight">
/// The weight of yes against no, for each class [classes]; taken over. State: <c>pos_weight</c>.
/// </param>
public sealed class BCEWithLogitsLoss(
    Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? positiveWeight = null) : Loss
{
    private readonly ModuleBuffer? _weight = ClassWeights.Buffer(weight);

    [StateName("pos_weight")]
    private readonly ModuleBuffer? _positiveWeight = ClassWeights.Buffer(positiveWeight);

    /// <summary>Logits, and targets from 0 to 1, of one shape.</summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        LossFunctions.BinaryCrossEntropyWithLogits(input, target, _weight, _positiveWeight, reduction);
}
