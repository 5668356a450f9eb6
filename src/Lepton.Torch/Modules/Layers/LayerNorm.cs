namespace Lepton.Torch.Modules;

/// <summary>
/// Mean 0 and variance 1 over the last dimensions, then a learned weight and bias: PyTorch's <c>nn.LayerNorm</c>.
/// State: <c>weight</c> and <c>bias</c> of the normalised shape.
/// </summary>
public class LayerNorm : Module<Tensor, Tensor>
{
    private readonly long[] _shape;
    private readonly double _epsilon;

    /// <summary>Normalises the last dimension.</summary>
    /// <param name="size">Its size.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    /// <param name="isAffine">Whether weight and bias are learned.</param>
    public LayerNorm(long size, double epsilon = 1e-5, bool isAffine = true)
        : this([size], epsilon, isAffine)
    {
    }

    /// <summary>Normalises the last dimensions together.</summary>
    /// <param name="shape">Their sizes.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    /// <param name="isAffine">Whether weight and bias are learned.</param>
    public LayerNorm(ReadOnlySpan<long> shape, double epsilon = 1e-5, bool isAffine = true)
    {
        _shape = shape.ToArray();
        _epsilon = epsilon;
        Weight = isAffine ? new Parameter(Torch.Ones(shape)) : null;
        Bias = isAffine ? new Parameter(Torch.Zeros(shape)) : null;
    }

    /// <summary>Of the normalised shape; null where it is not affine.</summary>
    public Parameter? Weight { get; }

    /// <summary>Of the normalised shape; null where it is not affine.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.LayerNorm(input, _shape, Weight, Bias, _epsilon);
}
