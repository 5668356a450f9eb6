namespace Lepton.Torch.Modules;

/// <summary>x times its sigmoid: PyTorch's <c>nn.SiLU</c>.</summary>
public sealed class SiLU : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Silu();
}
