namespace Lepton.Torch.Modules;

/// <summary>log(1 + exp(beta x)) / beta: PyTorch's <c>nn.Softplus</c>.</summary>
/// <param name="beta">How sharp it bends.</param>
/// <param name="threshold">The beta x from where on it is taken for x.</param>
public sealed class Softplus(double beta = 1, double threshold = 20) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Softplus(beta, threshold);
}
