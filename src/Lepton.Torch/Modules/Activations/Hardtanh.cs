namespace Lepton.Torch.Modules;

/// <summary>x between two bounds, and the bounds beyond: PyTorch's <c>nn.Hardtanh</c>.</summary>
/// <param name="min">The lower bound.</param>
/// <param name="max">The upper bound.</param>
public sealed class Hardtanh(double min = -1, double max = 1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Clamp(min, max);
}
