namespace Lepton.Torch.Modules;

/// <summary>
/// The largest elements of windows of [n, channels, height, width], such that the result has a given size: PyTorch's
/// <c>nn.AdaptiveMaxPool2d</c>.
/// </summary>
/// <param name="outputSize">That size, 1 or more.</param>
public sealed class AdaptiveMaxPool2d(Extent outputSize) : Module<Tensor, Tensor>
{
    private readonly long[] _size = outputSize.Of(2, 1, nameof(outputSize));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Convolutions.AdaptiveMaxPool(input, _size);
}
