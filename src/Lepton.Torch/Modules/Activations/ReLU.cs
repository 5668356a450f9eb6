namespace Lepton.Torch.Modules;

/// <summary>x where it is positive, 0 elsewhere: PyTorch's <c>nn.ReLU</c>.</summary>
public sealed class ReLU : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Relu();
}
