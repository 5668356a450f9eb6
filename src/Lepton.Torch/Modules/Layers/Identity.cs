namespace Lepton.Torch.Modules;

/// <summary>Gives what it gets: a place to put a layer later. PyTorch's <c>nn.Identity</c>.</summary>
public sealed class Identity : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input;
}
