namespace Lepton.Torch.Modules;

/// <summary>
/// First values of parameters, drawn as PyTorch's <c>torch.nn.init</c> draws them: the same generator and seed give the
/// same bits. All work in place, outside of the graph, and give the same tensor. A missing generator is the device's
/// own.
/// </summary>
public static class Init
{
    private static readonly TorchOperator s_inverseErrorFunction = new("aten::erfinv_");
    private static readonly TorchOperator s_qr = new("aten::linalg_qr");

    /// <summary>Numbers from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static Tensor Uniform(Tensor tensor, double low = 0, double high = 1, Generator? generator = null)
    {
        using var noGrad = Torch.NoGrad();
        return tensor.UniformInPlace(low, high, generator);
    }

    /// <summary>Numbers of a normal distribution.</summary>
    public static Tensor Normal(Tensor tensor, double mean = 0, double deviation = 1, Generator? generator = null)
    {
        using var noGrad = Torch.NoGrad();
        return tensor.NormalInPlace(mean, deviation, generator);
    }

    /// <summary>Numbers of a normal distribution between two bounds.</summary>
    public static Tensor TruncatedNormal(
        Tensor tensor, double mean = 0, double deviation = 1, double low = -2, double high = 2,
        Generator? generator = null)
    {
        using var noGrad = Torch.NoGrad();
        double from = NormalShareBelow((low - mean) / deviation);
        double to = NormalShareBelow((high - mean) / deviation);
        tensor.UniformInPlace((2 * from) - 1, (2 * to) - 1, generator);
        s_inverseErrorFunction.Run(tensor);
        return tensor.MultiplyInPlace(deviation * Math.Sqrt(2)).AddInPlace(mean).ClampInPlace(low, high);
    }

    /// <summary>One value.</summary>
    public static Tensor Constant(Tensor tensor, double value)
    {
        using var noGrad = Torch.NoGrad();
        return tensor.FillInPlace(value);
    }

    /// <summary>Glorot's uniform numbers: variance 2 / (fan in + fan out), times gain squared.</summary>
    public static Tensor XavierUniform(Tensor tensor, double gain = 1, Generator? generator = null)
    {
        (long fanIn, long fanOut) = Fans(tensor);
        double deviation = gain * Math.Sqrt(2.0 / (fanIn + fanOut));
        double bound = Math.Sqrt(3.0) * deviation;
        return Uniform(tensor, -bound, bound, generator);
    }

    /// <summary>Glorot's normal numbers.</summary>
    public static Tensor XavierNormal(Tensor tensor, double gain = 1, Generator? generator = null)
    {
        (long fanIn, long fanOut) = Fans(tensor);
        return Normal(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)), generator);
    }

    /// <summary>
    /// He's uniform numbers for a leaky rectifier of slope <paramref name="a"/>: variance 2 / (1 + a²) / fan.
    /// </summary>
    /// <param name="tensor">What is filled.</param>
    /// <param name="a">The slope for negative inputs; 0 for the rectifier.</param>
    /// <param name="byFanOut">Whether the fan is that of outputs, which keeps the variance in backward.</param>
    /// <param name="generator">Null: the device's own.</param>
    public static Tensor KaimingUniform(
        Tensor tensor, double a = 0, bool byFanOut = false, Generator? generator = null)
    {
        double bound = Math.Sqrt(3.0) * KaimingDeviation(tensor, a, byFanOut);
        return Uniform(tensor, -bound, bound, generator);
    }

    /// <summary>He's normal numbers; see <see cref="KaimingUniform"/>.</summary>
    public static Tensor KaimingNormal(
        Tensor tensor, double a = 0, bool byFanOut = false, Generator? generator = null) =>
        Normal(tensor, 0, KaimingDeviation(tensor, a, byFanOut), generator);

    /// <summary>A random matrix with orthogonal rows, or columns where there are more rows.</summary>
    public static Tensor Orthogonal(Tensor tensor, double gain = 1, Generator? generator = null)
    {
        using var scope = new TensorScope();
        using var noGrad = Torch.NoGrad();
        ReadOnlySpan<long> shape = tensor.Shape;
        if (shape.Length < 2)
        {
            throw new ArgumentException($"{tensor.Signature} needs 2 dimensions or more.", nameof(tensor));
        }

        long rows = shape[0];
        long columns = tensor.ElementCount / rows;
        Tensor flat_RC = Torch.Empty([rows, columns], tensor.DType, tensor.Device).NormalInPlace(0, 1, generator);
        TorchValue[] factors = s_qr.CallAll(rows < columns ? flat_RC.T() : flat_RC);
        Tensor q = factors[0].ToTensor();
        // Without the signs of r's diagonal the distribution would not be uniform.
        q = q * factors[1].ToTensor().Diagonal().Sign();
        tensor.CopyFrom((rows < columns ? q.T() : q).Reshape(shape)).MultiplyInPlace(gain);
        return tensor;
    }

    /// <summary>
    /// How many inputs each output has, and outputs each input: [out, in, ..] with as many of each as a kernel has
    /// elements.
    /// </summary>
    /// <exception cref="ArgumentException">There are fewer than 2 dimensions.</exception>
    public static (long In, long Out) Fans(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ReadOnlySpan<long> shape = tensor.Shape;
        if (shape.Length < 2)
        {
            throw new ArgumentException(
                $"{tensor.Signature} has no fans of inputs and outputs: it needs 2 dimensions or more.",
                nameof(tensor));
        }

        long kernel = 1;
        foreach (long size in shape[2..])
        {
            kernel *= size;
        }

        return (shape[1] * kernel, shape[0] * kernel);
    }

    private static double KaimingDeviation(Tensor tensor, double a, bool byFanOut)
    {
        (long fanIn, long fanOut) = Fans(tensor);
        return Math.Sqrt(2.0 / (1 + (a * a))) / Math.Sqrt(byFanOut ? fanOut : fanIn);
    }

    private static double NormalShareBelow(double x)
    {
        using Tensor scaled = Torch.Scalar(x / Math.Sqrt(2), DType.Float64);
        using Tensor error = scaled.Erf();
        return (1 + error.ToDouble()) / 2;
    }
}
