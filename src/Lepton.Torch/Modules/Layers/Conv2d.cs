namespace Lepton.Torch.Modules;

/// <summary>
/// A convolution over two dimensions: PyTorch's <c>nn.Conv2d</c>. State: <c>weight</c>
/// [out, in / groups, kernel, kernel], <c>bias</c> [out].
/// </summary>
public class Conv2d : Module<Tensor, Tensor>
{
    private readonly ConvolutionSizes _sizes;

    /// <summary>Makes a layer; weights are drawn from the default generator as PyTorch draws them.</summary>
    /// <param name="inputs">Channels of the input, a multiple of the groups.</param>
    /// <param name="outputs">Channels of the output, a multiple of the groups.</param>
    /// <param name="kernelSize">The kernel's size, one number or one for each dimension; 1 or more.</param>
    /// <param name="stride">How far the kernel moves; none: 1.</param>
    /// <param name="padding">Elements added at each end; none: 0.</param>
    /// <param name="dilation">Distance of the kernel's elements; none: 1.</param>
    /// <param name="groups">Into how many parts channels are divided that see nothing of each other.</param>
    /// <param name="hasBias">Whether a bias is added.</param>
    /// <param name="paddingMode">What the elements added are.</param>
    public Conv2d(
        long inputs, long outputs, Extent kernelSize, Extent? stride = null, Extent? padding = null,
        Extent? dilation = null, long groups = 1, bool hasBias = true, PaddingMode paddingMode = PaddingMode.Zeros)
    {
        _sizes = new ConvolutionSizes(2, kernelSize, stride, padding, dilation, groups, paddingMode);
        (Weight, Bias) = _sizes.Draw(inputs, outputs, hasBias);
    }

    /// <summary>[out, in / groups, kernel, kernel].</summary>
    public Parameter Weight { get; }

    /// <summary>[out]; null where there is none.</summary>
    public Parameter? Bias { get; }

    /// <summary>
    /// [n, in, height, width] is [n, out, height, width], of sizes that follow from kernel, stride and padding.
    /// </summary>
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Convolutions.Conv2d(
        _sizes.Pad(input), Weight, Bias, _sizes.Stride, _sizes.Padding, _sizes.Dilation, _sizes.Groups);
}
