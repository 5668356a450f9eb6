namespace Lepton.Torch.Modules;

/// <summary>
/// The largest element of each window of [n, channels, height, width]: PyTorch's <c>nn.MaxPool2d</c>.
/// </summary>
/// <param name="kernelSize">The window's size, 1 or more.</param>
/// <param name="stride">How far the window moves; none: its size.</param>
/// <param name="padding">Elements added at each end that are never the largest; half the window at most.</param>
/// <param name="dilation">Distance of the window's elements.</param>
/// <param name="ceil">Whether a window may lie half outside.</param>
public sealed class MaxPool2d(
    Extent kernelSize, Extent? stride = null, Extent? padding = null, Extent? dilation = null, bool ceil = false)
    : Module<Tensor, Tensor>
{
    private readonly long[] _kernel = kernelSize.Of(2, 1, nameof(kernelSize));
    private readonly long[] _stride = (stride ?? kernelSize).Of(2, 1, nameof(stride));
    private readonly long[] _padding = (padding ?? 0).Of(2, 0, nameof(padding));
    private readonly long[] _dilation = (dilation ?? 1).Of(2, 1, nameof(dilation));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Convolutions.MaxPool2d(input, _kernel, _stride, _padding, _dilation, ceil);
}
