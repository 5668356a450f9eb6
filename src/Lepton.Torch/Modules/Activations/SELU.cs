namespace Lepton.Torch.Modules;

/// <summary>
/// The exponential unit that keeps mean 0 and variance 1 (Klambauer et al.): PyTorch's <c>nn.SELU</c>.
/// </summary>
public sealed class SELU : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Selu();
}
