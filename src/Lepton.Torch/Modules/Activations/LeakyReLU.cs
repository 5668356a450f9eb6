namespace Lepton.Torch.Modules;

/// <summary>x where it is positive, a small part of it elsewhere: PyTorch's <c>nn.LeakyReLU</c>.</summary>
/// <param name="negativeSlope">That part.</param>
public sealed class LeakyReLU(double negativeSlope = 0.01) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.LeakyRelu(negativeSlope);
}
