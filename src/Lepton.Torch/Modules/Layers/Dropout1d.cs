namespace Lepton.Torch.Modules;

/// <summary>
/// <see cref="Dropout"/> of whole channels: [n, channels, length]. PyTorch's <c>nn.Dropout1d</c>.
/// </summary>
/// <param name="p">The share of channels, from 0 to 1.</param>
public sealed class Dropout1d(double p = 0.5) : Module<Tensor, Tensor>
{
    private readonly double _p = Shares.Require(p);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Shapes.Require(input, 3, "[n, channels, length]", nameof(Dropout1d));
        return Functional.FeatureDropout(input, _p, IsTraining);
    }
}
