namespace Lepton.Torch.Modules;

/// <summary>The mean of each window of [n, channels, height, width]: PyTorch's <c>nn.AvgPool2d</c>.</summary>
/// <param name="kernelSize">The window's size, 1 or more.</param>
/// <param name="stride">How far the window moves; none: its size.</param>
/// <param name="padding">Zeros added at each end; half the window at most.</param>
/// <param name="ceil">Whether a window may lie half outside.</param>
/// <param name="countsPadding">Whether the zeros count in the mean.</param>
public sealed class AvgPool2d(
    Extent kernelSize, Extent? stride = null, Extent? padding = null, bool ceil = false, bool countsPadding = true)
    : Module<Tensor, Tensor>
{
    private readonly long[] _kernel = kernelSize.Of(2, 1, nameof(kernelSize));
    private readonly long[] _stride = (stride ?? kernelSize).Of(2, 1, nameof(stride));
    private readonly long[] _padding = (padding ?? 0).Of(2, 0, nameof(padding));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Convolutions.AvgPool2d(input, _kernel, _stride, _padding, ceil, countsPadding);
}
