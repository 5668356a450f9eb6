namespace Lepton.Torch.Modules;

/// <summary>
/// <see cref="Dropout"/> of whole channels: [n, channels, height, width]. PyTorch's <c>nn.Dropout2d</c>.
/// </summary>
/// <param name="p">The share of channels, from 0 to 1.</param>
public sealed class Dropout2d(double p = 0.5) : Module<Tensor, Tensor>
{
    private readonly double _p = Shares.Require(p);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Shapes.Require(input, 4, "[n, channels, height, width]", nameof(Dropout2d));
        return Functional.FeatureDropout(input, _p, IsTraining);
    }
}
