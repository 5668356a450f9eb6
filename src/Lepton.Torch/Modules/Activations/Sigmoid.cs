namespace Lepton.Torch.Modules;

/// <summary>1 / (1 + exp(-x)): PyTorch's <c>nn.Sigmoid</c>.</summary>
public sealed class Sigmoid : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Sigmoid();
}
