namespace Lepton.Torch.Modules;

/// <summary>Makes one dimension of several, by default all but the batch's: PyTorch's <c>nn.Flatten</c>.</summary>
/// <param name="first">The first of them.</param>
/// <param name="last">The last of them; negative ones count from the end.</param>
public sealed class Flatten(int first = 1, int last = -1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Flatten(first, last);
}
