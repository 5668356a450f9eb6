namespace Lepton.Torch.Modules;

/// <summary>One half of a dimension times the sigmoid of the other: PyTorch's <c>nn.GLU</c>.</summary>
/// <param name="dimension">The dimension, of an even size.</param>
public sealed class GLU(int dimension = -1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Glu(input, dimension);
}
