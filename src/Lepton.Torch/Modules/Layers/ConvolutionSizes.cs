namespace Lepton.Torch.Modules;

/// <summary>The sizes of a convolution, and what convolutions of one and two dimensions share.</summary>
internal sealed class ConvolutionSizes
{
    private static readonly TorchOperator s_reflect1d = new("aten::reflection_pad1d");
    private static readonly TorchOperator s_reflect2d = new("aten::reflection_pad2d");
    private static readonly TorchOperator s_replicate1d = new("aten::replication_pad1d");
    private static readonly TorchOperator s_replicate2d = new("aten::replication_pad2d");
    private readonly int _dimensions;
    private readonly long[] _kernel;
    private readonly long[] _around;
    private readonly PaddingMode _mode;

    public ConvolutionSizes(
        int dimensions, Extent kernel, Extent? stride, Extent? padding, Extent? dilation, long groups, PaddingMode mode)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        _dimensions = dimensions;
        _kernel = kernel.Of(dimensions, 1, nameof(kernel));
        Stride = (stride ?? 1).Of(dimensions, 1, nameof(stride));
        _around = (padding ?? 0).Of(dimensions, 0, nameof(padding));
        Dilation = (dilation ?? 1).Of(dimensions, 1, nameof(dilation));
        Groups = groups;
        _mode = mode;
        // What is not zeros is added before the convolution, which then adds nothing.
        Padding = mode == PaddingMode.Zeros ? _around : new long[dimensions];
    }

    public long[] Stride { get; }

    public long[] Padding { get; }

    public long[] Dilation { get; }

    public long Groups { get; }

    /// <summary>The input with what is not zeros around it.</summary>
    public Tensor Pad(Tensor input)
    {
        if (_mode == PaddingMode.Zeros)
        {
            return input;
        }

        // Counts before and after each dimension, the last one first.
        long[] counts = [.. _around.Reverse().SelectMany(static count => new[] { count, count })];
        return _mode switch
        {
            PaddingMode.Reflect => (_dimensions == 1 ? s_reflect1d : s_reflect2d).Call(input, counts),
            PaddingMode.Replicate => (_dimensions == 1 ? s_replicate1d : s_replicate2d).Call(input, counts),
            _ => PadCircular(input),
        };
    }

    /// <summary>Weight and bias as PyTorch draws them.</summary>
    public (Parameter Weight, Parameter? Bias) Draw(long inputs, long outputs, bool hasBias)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        if (inputs % Groups != 0 || outputs % Groups != 0)
        {
            throw new ArgumentException(
                $"{inputs} input and {outputs} output channels can't be divided into {Groups} groups.", nameof(inputs));
        }

        Tensor weight = Init.KaimingUniform(
            Torch.Empty([outputs, inputs / Groups, .. _kernel]), Math.Sqrt(5));
        if (!hasBias)
        {
            return (new Parameter(weight), null);
        }

        double bound = 1 / Math.Sqrt(Init.Fans(weight).In);
        return (new Parameter(weight), new Parameter(Init.Uniform(Torch.Empty([outputs]), -bound, bound)));
    }

    private Tensor PadCircular(Tensor input)
    {
        Tensor padded = input;
        for (int i = 0; i < _dimensions; i++)
        {
            int dimension = i - _dimensions;
            long size = input.Size(dimension);
            long count = _around[i];
            if (count > size)
            {
                throw Shapes.Unfit("circular padding", input, $"at least {count} elements in dimension {dimension}");
            }

            padded = Torch.Cat(
                [padded.Narrow(dimension, size - count, count), padded, padded.Narrow(dimension, 0, count)], dimension);
        }

        return padded;
    }
}
