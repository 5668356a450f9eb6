namespace Lepton.Torch;

/// <summary>
/// Convolutions and pooling over one, two and three dimensions: [n, channels, ..]. Sizes are one number for all
/// dimensions, or one for each.
/// </summary>
public static class Convolutions
{
    private static readonly TorchOperator s_conv1d = new("aten::conv1d");
    private static readonly TorchOperator s_conv2d = new("aten::conv2d");
    private static readonly TorchOperator s_conv3d = new("aten::conv3d");
    private static readonly TorchOperator s_transposed1d = new("aten::conv_transpose1d");
    private static readonly TorchOperator s_transposed2d = new("aten::conv_transpose2d.input");
    private static readonly TorchOperator s_transposed3d = new("aten::conv_transpose3d.input");
    private static readonly TorchOperator s_maxPool1d = new("aten::max_pool1d");
    private static readonly TorchOperator s_maxPool2d = new("aten::max_pool2d");
    private static readonly TorchOperator s_maxPool3d = new("aten::max_pool3d");
    private static readonly TorchOperator s_averagePool1d = new("aten::avg_pool1d");
    private static readonly TorchOperator s_averagePool2d = new("aten::avg_pool2d");
    private static readonly TorchOperator s_averagePool3d = new("aten::avg_pool3d");
    private static readonly TorchOperator s_adaptiveAverage1d = new("aten::adaptive_avg_pool1d");
    private static readonly TorchOperator s_adaptiveAverage2d = new("aten::adaptive_avg_pool2d");
    private static readonly TorchOperator s_adaptiveAverage3d = new("aten::adaptive_avg_pool3d");
    private static readonly TorchOperator s_adaptiveMax1d = new("aten::adaptive_max_pool1d");
    private static readonly TorchOperator s_adaptiveMax2d = new("aten::adaptive_max_pool2d");
    private static readonly TorchOperator s_adaptiveMax3d = new("aten::adaptive_max_pool3d");

    /// <summary>[n, in, length] with [out, in / groups, kernel].</summary>
    public static Tensor Conv1d(
        Tensor x, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default,
        ReadOnlySpan<long> padding = default, ReadOnlySpan<long> dilation = default, long groups = 1) =>
        s_conv1d.Call(x, weight, bias, Or(stride, 1), Or(padding, 0), Or(dilation, 1), groups);

    /// <summary>[n, in, height, width] with [out, in / groups, kernel, kernel].</summary>
    public static Tensor Conv2d(
        Tensor x, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default,
        ReadOnlySpan<long> padding = default, ReadOnlySpan<long> dilation = default, long groups = 1) =>
        s_conv2d.Call(x, weight, bias, Or(stride, 1), Or(padding, 0), Or(dilation, 1), groups);

    /// <summary>[n, in, depth, height, width] with [out, in / groups, kernel, kernel, kernel].</summary>
    public static Tensor Conv3d(
        Tensor x, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default,
        ReadOnlySpan<long> padding = default, ReadOnlySpan<long> dilation = default, long groups = 1) =>
        s_conv3d.Call(x, weight, bias, Or(stride, 1), Or(padding, 0), Or(dilation, 1), groups);

    /// <summary>
    /// The gradient of <see cref="Conv1d"/> by its input, as an operator: weight [in, out / groups, kernel].
    /// </summary>
    public static Tensor ConvTranspose1d(
        Tensor x, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default,
        ReadOnlySpan<long> padding = default, ReadOnlySpan<long> outputPadding = default, long groups = 1,
        ReadOnlySpan<long> dilation = default) =>
        s_transposed1d.Call(
            x, weight, bias, Or(stride, 1), Or(padding, 0), Or(outputPadding, 0), groups, Or(dilation, 1));

    /// <summary>The gradient of <see cref="Conv2d"/> by its input, as an operator.</summary>
    public static Tensor ConvTranspose2d(
        Tensor x, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default,
        ReadOnlySpan<long> padding = default, ReadOnlySpan<long> outputPadding = default, long groups = 1,
        ReadOnlySpan<long> dilation = default) =>
        s_transposed2d.Call(
            x, weight, bias, Or(stride, 1), Or(padding, 0), Or(outputPadding, 0), groups, Or(dilation, 1));

    /// <summary>The gradient of <see cref="Conv3d"/> by its input, as an operator.</summary>
    public static Tensor ConvTranspose3d(
        Tensor x, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default,
        ReadOnlySpan<long> padding = default, ReadOnlySpan<long> outputPadding = default, long groups = 1,
        ReadOnlySpan<long> dilation = default) =>
        s_transposed3d.Call(
            x, weight, bias, Or(stride, 1), Or(padding, 0), Or(outputPadding, 0), groups, Or(dilation, 1));

    /// <summary>The largest element of each window of [n, channels, length]. No stride: the kernel's size.</summary>
    public static Tensor MaxPool1d(
        Tensor x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> dilation = default, bool ceil = false) =>
        s_maxPool1d.Call(x, kernel.ToArray(), stride.ToArray(), Or(padding, 0), Or(dilation, 1), ceil);

    /// <summary>The largest element of each window of [n, channels, height, width].</summary>
    public static Tensor MaxPool2d(
        Tensor x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> dilation = default, bool ceil = false) =>
        s_maxPool2d.Call(x, kernel.ToArray(), stride.ToArray(), Or(padding, 0), Or(dilation, 1), ceil);

    /// <summary>The largest element of each window of [n, channels, depth, height, width].</summary>
    public static Tensor MaxPool3d(
        Tensor x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        ReadOnlySpan<long> dilation = default, bool ceil = false) =>
        s_maxPool3d.Call(x, kernel.ToArray(), stride.ToArray(), Or(padding, 0), Or(dilation, 1), ceil);

    /// <summary>The mean of each window of [n, channels, length].</summary>
    public static Tensor AvgPool1d(
        Tensor x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        bool ceil = false, bool countPadding = true) =>
        s_averagePool1d.Call(x, kernel.ToArray(), stride.ToArray(), Or(padding, 0), ceil, countPadding);

    /// <summary>The mean of each window of [n, channels, height, width].</summary>
    public static Tensor AvgPool2d(
        Tensor x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        bool ceil = false, bool countPadding = true) =>
        s_averagePool2d.Call(x, kernel.ToArray(), stride.ToArray(), Or(padding, 0), ceil, countPadding);

    /// <summary>The mean of each window of [n, channels, depth, height, width].</summary>
    public static Tensor AvgPool3d(
        Tensor x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride = default, ReadOnlySpan<long> padding = default,
        bool ceil = false, bool countPadding = true) =>
        s_averagePool3d.Call(x, kernel.ToArray(), stride.ToArray(), Or(padding, 0), ceil, countPadding);

    /// <summary>Means of windows such that the result has the given size, one number for each dimension.</summary>
    public static Tensor AdaptiveAvgPool(Tensor x, params ReadOnlySpan<long> size) => size.Length switch
    {
        1 => s_adaptiveAverage1d.Call(x, size.ToArray()),
        2 => s_adaptiveAverage2d.Call(x, size.ToArray()),
        3 => s_adaptiveAverage3d.Call(x, size.ToArray()),
        _ => throw new ArgumentException("Give the size of one, two or three dimensions.", nameof(size)),
    };

    /// <summary>The largest elements of windows such that the result has the given size.</summary>
    public static Tensor AdaptiveMaxPool(Tensor x, params ReadOnlySpan<long> size)
    {
        TorchOperator pool = size.Length switch
        {
            1 => s_adaptiveMax1d,
            2 => s_adaptiveMax2d,
            3 => s_adaptiveMax3d,
            _ => throw new ArgumentException("Give the size of one, two or three dimensions.", nameof(size)),
        };
        TorchValue[] results = pool.CallAll(x, size.ToArray());
        results[1].ToTensor().Dispose();
        return results[0].ToTensor();
    }

    private static TorchValue Or(ReadOnlySpan<long> given, long otherwise) =>
        given.IsEmpty ? otherwise : given.ToArray();
}
