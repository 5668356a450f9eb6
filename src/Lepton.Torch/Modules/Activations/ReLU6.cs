namespace Lepton.Torch.Modules;

/// <summary>x from 0 to 6, and the bounds beyond: PyTorch's <c>nn.ReLU6</c>.</summary>
public sealed class ReLU6 : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Clamp(0, 6);
}
