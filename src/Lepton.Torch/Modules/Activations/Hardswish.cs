namespace Lepton.Torch.Modules;

/// <summary>x times its hard sigmoid: PyTorch's <c>nn.Hardswish</c>.</summary>
public sealed class Hardswish : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Hardswish();
}
