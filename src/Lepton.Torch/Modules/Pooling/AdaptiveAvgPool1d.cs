namespace Lepton.Torch.Modules;

/// <summary>
/// Means of windows of [n, channels, length], such that the result has a given size: PyTorch's
/// <c>nn.AdaptiveAvgPool1d</c>.
/// </summary>
/// <param name="outputSize">That size, 1 or more.</param>
public sealed class AdaptiveAvgPool1d(Extent outputSize) : Module<Tensor, Tensor>
{
    private readonly long[] _size = outputSize.Of(1, 1, nameof(outputSize));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Convolutions.AdaptiveAvgPool(input, _size);
}
