namespace Lepton.Torch.Modules;

/// <summary>
/// In training, zeros a random share of the elements and scales the others so that the mean stays: PyTorch's
/// <c>nn.Dropout</c>.
/// </summary>
/// <param name="p">The share, from 0 to 1.</param>
public sealed class Dropout(double p = 0.5) : Module<Tensor, Tensor>
{
    private readonly double _p = Shares.Require(p);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Dropout(input, _p, IsTraining);
}
