namespace Lepton.Torch.Modules;

/// <summary>x times the share of a normal distribution below it: PyTorch's <c>nn.GELU</c>.</summary>
/// <param name="byTanh">Whether the share is approximated by the hyperbolic tangent.</param>
public sealed class GELU(bool byTanh = false) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Gelu(byTanh);
}
