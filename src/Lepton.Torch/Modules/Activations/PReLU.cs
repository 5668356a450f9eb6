namespace Lepton.Torch.Modules;

/// <summary>
/// x where it is positive, a learned part of it elsewhere: PyTorch's <c>nn.PReLU</c>. State: <c>weight</c> [count].
/// </summary>
/// <param name="count">1, or the number of channels, which then learn a part each.</param>
/// <param name="initial">The part at first.</param>
public sealed class PReLU(long count = 1, double initial = 0.25) : Module<Tensor, Tensor>
{
    /// <summary>[count].</summary>
    public Parameter Weight { get; } = new(Torch.Full([count], initial));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Prelu(input, Weight);
}
