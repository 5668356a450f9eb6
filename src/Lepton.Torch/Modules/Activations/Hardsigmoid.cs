namespace Lepton.Torch.Modules;

/// <summary>The sigmoid in three straight lines: PyTorch's <c>nn.Hardsigmoid</c>.</summary>
public sealed class Hardsigmoid : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Hardsigmoid();
}
