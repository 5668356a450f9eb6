using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>Functions of every element, as new tensors and, with <c>InPlace</c>, within the tensor.</summary>
public static class TensorFunctions
{
    private static readonly TorchOperator s_softplus = new("aten::softplus");

    public static Tensor Abs(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Abs, a);

    public static Tensor Negate(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Neg, a);

    public static Tensor Exp(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Exp, a);

    /// <summary>e to the power of a, minus 1, exact for small a.</summary>
    public static Tensor ExpM1(this Tensor a) => OperatorCalls.Unary(UnaryOperator.ExpM1, a);

    /// <summary>The natural logarithm.</summary>
    public static Tensor Log(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Log, a);

    /// <summary>The natural logarithm of 1 + a, exact for small a.</summary>
    public static Tensor Log1P(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Log1P, a);

    public static Tensor Log2(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Log2, a);

    public static Tensor Sqrt(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Sqrt, a);

    /// <summary>1 / sqrt(a).</summary>
    public static Tensor Rsqrt(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Rsqrt, a);

    public static Tensor Square(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Square, a);

    /// <summary>1 / a.</summary>
    public static Tensor Reciprocal(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Reciprocal, a);

    public static Tensor Sin(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Sin, a);

    public static Tensor Cos(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Cos, a);

    public static Tensor Tanh(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Tanh, a);

    /// <summary>1 / (1 + exp(-a)).</summary>
    public static Tensor Sigmoid(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Sigmoid, a);

    /// <summary>log(sigmoid(a)).</summary>
    public static Tensor LogSigmoid(this Tensor a) => OperatorCalls.Unary(UnaryOperator.LogSigmoid, a);

    /// <summary>max(a, 0).</summary>
    public static Tensor Relu(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Relu, a);

    /// <summary>a where it is positive, slope a elsewhere.</summary>
    public static Tensor LeakyRelu(this Tensor a, double slope = 0.01) =>
        OperatorCalls.BinaryScalar(BinaryScalarOperator.LeakyRelu, a, slope);

    /// <summary>a where it is positive, alpha (exp(a) - 1) elsewhere.</summary>
    public static Tensor Elu(this Tensor a, double alpha = 1) =>
        OperatorCalls.BinaryScalar(BinaryScalarOperator.Elu, a, alpha);

    /// <summary>The scaled exponential linear unit (Klambauer 2017).</summary>
    public static Tensor Selu(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Selu, a);

    /// <summary>a sigmoid(a).</summary>
    public static Tensor Silu(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Silu, a);

    /// <summary>a tanh(softplus(a)).</summary>
    public static Tensor Mish(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Mish, a);

    public static Tensor Hardswish(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Hardswish, a);

    public static Tensor Hardsigmoid(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Hardsigmoid, a);

    /// <summary>a Φ(a), Φ the normal distribution; exact, or by the hyperbolic tangent.</summary>
    public static Tensor Gelu(this Tensor a, bool byTanh = false)
    {
        int status = NativeOperators.Gelu(a.Handle, byTanh ? 1 : 0, out nint result);
        return OperatorCalls.Made(status, result, "aten::gelu", a);
    }

    /// <summary>log(1 + exp(beta a)) / beta; a itself where beta a is above the threshold.</summary>
    public static Tensor Softplus(this Tensor a, double beta = 1, double threshold = 20) =>
        s_softplus.Call(a, beta, threshold);

    /// <summary>The error function.</summary>
    public static Tensor Erf(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Erf, a);

    public static Tensor Floor(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Floor, a);

    public static Tensor Ceil(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Ceil, a);

    /// <summary>The nearest integer, halves to the even one.</summary>
    public static Tensor Round(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Round, a);

    /// <summary>-1, 0 or 1.</summary>
    public static Tensor Sign(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Sign, a);

    public static Tensor NegateInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Neg, a);

    public static Tensor ExpInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Exp, a);

    public static Tensor LogInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Log, a);

    public static Tensor SqrtInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Sqrt, a);

    public static Tensor RsqrtInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Rsqrt, a);

    public static Tensor ReciprocalInPlace(this Tensor a) =>
        OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Reciprocal, a);

    public static Tensor AbsInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Abs, a);

    public static Tensor SignInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Sign, a);

    public static Tensor SquareInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Square, a);

    public static Tensor TanhInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Tanh, a);

    public static Tensor SigmoidInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Sigmoid, a);

    public static Tensor ReluInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Relu, a);
}
