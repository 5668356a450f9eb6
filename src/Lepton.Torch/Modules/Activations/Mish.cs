namespace Lepton.Torch.Modules;

/// <summary>x tanh(log(1 + exp(x))): PyTorch's <c>nn.Mish</c>.</summary>
public sealed class Mish : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Mish();
}
