namespace Lepton.Torch.Modules;

/// <summary>x where it is positive, alpha (exp(x) - 1) elsewhere: PyTorch's <c>nn.ELU</c>.</summary>
/// <param name="alpha">Where it tends to for small x, negated.</param>
public sealed class ELU(double alpha = 1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Elu(alpha);
}
