namespace Lepton.Torch.Modules;

/// <summary>The logarithm of the sigmoid, without overflow: PyTorch's <c>nn.LogSigmoid</c>.</summary>
public sealed class LogSigmoid : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.LogSigmoid();
}
