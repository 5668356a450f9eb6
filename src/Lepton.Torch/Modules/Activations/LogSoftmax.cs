namespace Lepton.Torch.Modules;

/// <summary>The logarithm of the softmax along a dimension, without overflow: PyTorch's <c>nn.LogSoftmax</c>.</summary>
/// <param name="dimension">The dimension; negative ones count from the end.</param>
public sealed class LogSoftmax(int dimension) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.LogSoftmax(dimension);
}
