namespace Lepton.Torch.Modules;

/// <summary>exp(x) divided by its sum along a dimension: PyTorch's <c>nn.Softmax</c>.</summary>
/// <param name="dimension">The dimension; negative ones count from the end.</param>
public sealed class Softmax(int dimension) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Softmax(dimension);
}
