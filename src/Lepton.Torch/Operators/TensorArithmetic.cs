using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// Sums, products and powers of tensors, elementwise and with broadcasting, as new tensors and in place.
/// </summary>
public static class TensorArithmetic
{
    private static readonly NativeScalar s_one = Scalar.FromInt64(1).Native;
    private static readonly TorchOperator s_reciprocalPower = new("aten::pow.Scalar");

    /// <summary>a + b.</summary>
    public static Tensor Add(this Tensor a, Tensor b)
    {
        int status = NativeOperators.Add(a.Handle, b.Handle, s_one, out nint result);
        return OperatorCalls.Made(status, result, "aten::add", a, b);
    }

    /// <summary>a + alpha b.</summary>
    public static Tensor Add(this Tensor a, Tensor b, Scalar alpha)
    {
        int status = NativeOperators.Add(a.Handle, b.Handle, alpha.Native, out nint result);
        return OperatorCalls.Made(status, result, "aten::add", a, b);
    }

    /// <summary>a + b for every element.</summary>
    public static Tensor Add(this Tensor a, Scalar b)
    {
        int status = NativeOperators.AddScalar(a.Handle, b.Native, out nint result);
        return OperatorCalls.Made(status, result, "aten::add", a);
    }

    /// <summary>a - b.</summary>
    public static Tensor Subtract(this Tensor a, Tensor b)
    {
        int status = NativeOperators.Sub(a.Handle, b.Handle, s_one, out nint result);
        return OperatorCalls.Made(status, result, "aten::sub", a, b);
    }

    /// <summary>a - alpha b.</summary>
    public static Tensor Subtract(this Tensor a, Tensor b, Scalar alpha)
    {
        int status = NativeOperators.Sub(a.Handle, b.Handle, alpha.Native, out nint result);
        return OperatorCalls.Made(status, result, "aten::sub", a, b);
    }

    /// <summary>a - b for every element.</summary>
    public static Tensor Subtract(this Tensor a, Scalar b) =>
        a.Add(b.IsFloat ? Scalar.FromDouble(-b.ToDouble()) : Scalar.FromInt64(-b.ToInt64()));

    /// <summary>b - a for every element.</summary>
    public static Tensor SubtractFrom(this Tensor a, Scalar b)
    {
        int status = NativeOperators.RsubScalar(a.Handle, b.Native, out nint result);
        return OperatorCalls.Made(status, result, "aten::rsub", a);
    }

    /// <summary>a b.</summary>
    public static Tensor Multiply(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Mul, a, b);

    /// <summary>a b for every element.</summary>
    public static Tensor Multiply(this Tensor a, Scalar b) =>
        OperatorCalls.BinaryScalar(BinaryScalarOperator.Mul, a, b);

    /// <summary>a / b; of integers too it has a fraction.</summary>
    public static Tensor Divide(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Div, a, b);

    /// <summary>a / b for every element.</summary>
    public static Tensor Divide(this Tensor a, Scalar b) =>
        OperatorCalls.BinaryScalar(BinaryScalarOperator.Div, a, b);

    /// <summary>The remainder with the sign of b, as Python's.</summary>
    public static Tensor Remainder(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Remainder, a, b);

    /// <summary>The remainder with the sign of b, as Python's.</summary>
    public static Tensor Remainder(this Tensor a, Scalar b) =>
        OperatorCalls.BinaryScalar(BinaryScalarOperator.Remainder, a, b);

    /// <summary>a to the power of b.</summary>
    public static Tensor Pow(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Pow, a, b);

    /// <summary>a to the power of b.</summary>
    public static Tensor Pow(this Tensor a, Scalar b) => OperatorCalls.BinaryScalar(BinaryScalarOperator.Pow, a, b);

    /// <summary>b to the power of each element.</summary>
    public static Tensor PowFrom(this Tensor a, Scalar b) => s_reciprocalPower.Call(b, a);

    /// <summary>The larger of two, elementwise.</summary>
    public static Tensor Maximum(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Maximum, a, b);

    /// <summary>The smaller of two, elementwise.</summary>
    public static Tensor Minimum(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Minimum, a, b);

    /// <summary>The angle of the point (b, a), in radians.</summary>
    public static Tensor Atan2(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Atan2, a, b);

    /// <summary>
    /// Elements below <paramref name="min"/> or above <paramref name="max"/> become these; null: none.
    /// </summary>
    public static Tensor Clamp(this Tensor a, Scalar? min = null, Scalar? max = null)
    {
        if (min is { } least)
        {
            Tensor raised = OperatorCalls.BinaryScalar(BinaryScalarOperator.ClampMin, a, least);
            if (max is not { } limit)
            {
                return raised;
            }

            Tensor both = OperatorCalls.BinaryScalar(BinaryScalarOperator.ClampMax, raised, limit);
            raised.Dispose();
            return both;
        }

        return max is { } most
            ? OperatorCalls.BinaryScalar(BinaryScalarOperator.ClampMax, a, most)
            : throw new ArgumentException("Clamp needs a min, a max or both.", nameof(min));
    }

    /// <summary>a + value (b c).</summary>
    public static Tensor AddCMul(this Tensor a, Tensor b, Tensor c, Scalar value)
    {
        int status = NativeOperators.Addcmul(a.Handle, b.Handle, c.Handle, value.Native, out nint result);
        return OperatorCalls.Made(status, result, "aten::addcmul", a, b, c);
    }

    /// <summary>a + value (b / c).</summary>
    public static Tensor AddCDiv(this Tensor a, Tensor b, Tensor c, Scalar value)
    {
        int status = NativeOperators.Addcdiv(a.Handle, b.Handle, c.Handle, value.Native, out nint result);
        return OperatorCalls.Made(status, result, "aten::addcdiv", a, b, c);
    }

    /// <summary>a + weight (b - a).</summary>
    public static Tensor Lerp(this Tensor a, Tensor b, Scalar weight)
    {
        int status = NativeOperators.Lerp(a.Handle, b.Handle, weight.Native, out nint result);
        return OperatorCalls.Made(status, result, "aten::lerp", a, b);
    }

    /// <summary>a += b.</summary>
    /// <returns>The same tensor, as of all that follow.</returns>
    public static Tensor AddInPlace(this Tensor a, Tensor b)
    {
        int status = NativeOperators.AddInPlace(a.Handle, b.Handle, s_one);
        return OperatorCalls.Changed(status, "aten::add_", a, b);
    }

    /// <summary>a += alpha b.</summary>
    public static Tensor AddInPlace(this Tensor a, Tensor b, Scalar alpha)
    {
        int status = NativeOperators.AddInPlace(a.Handle, b.Handle, alpha.Native);
        return OperatorCalls.Changed(status, "aten::add_", a, b);
    }

    /// <summary>a += b for every element.</summary>
    public static Tensor AddInPlace(this Tensor a, Scalar b)
    {
        int status = NativeOperators.AddScalarInPlace(a.Handle, b.Native);
        return OperatorCalls.Changed(status, "aten::add_", a);
    }

    /// <summary>a -= b.</summary>
    public static Tensor SubtractInPlace(this Tensor a, Tensor b)
    {
        int status = NativeOperators.SubInPlace(a.Handle, b.Handle, s_one);
        return OperatorCalls.Changed(status, "aten::sub_", a, b);
    }

    /// <summary>a -= alpha b.</summary>
    public static Tensor SubtractInPlace(this Tensor a, Tensor b, Scalar alpha)
    {
        int status = NativeOperators.SubInPlace(a.Handle, b.Handle, alpha.Native);
        return OperatorCalls.Changed(status, "aten::sub_", a, b);
    }

    /// <summary>a *= b.</summary>
    public static Tensor MultiplyInPlace(this Tensor a, Tensor b) =>
        OperatorCalls.BinaryInPlace(BinaryInPlaceOperator.Mul, a, b);

    /// <summary>a *= b for every element.</summary>
    public static Tensor MultiplyInPlace(this Tensor a, Scalar b) =>
        OperatorCalls.BinaryScalarInPlace(BinaryScalarInPlaceOperator.Mul, a, b);

    /// <summary>a /= b.</summary>
    public static Tensor DivideInPlace(this Tensor a, Tensor b) =>
        OperatorCalls.BinaryInPlace(BinaryInPlaceOperator.Div, a, b);

    /// <summary>a /= b for every element.</summary>
    public static Tensor DivideInPlace(this Tensor a, Scalar b) =>
        OperatorCalls.BinaryScalarInPlace(BinaryScalarInPlaceOperator.Div, a, b);

    /// <summary>a becomes a to the power of b.</summary>
    public static Tensor PowInPlace(this Tensor a, Scalar b) =>
        OperatorCalls.BinaryScalarInPlace(BinaryScalarInPlaceOperator.Pow, a, b);

    /// <summary>a += value (b c).</summary>
    public static Tensor AddCMulInPlace(this Tensor a, Tensor b, Tensor c, Scalar value)
    {
        int status = NativeOperators.AddcmulInPlace(a.Handle, b.Handle, c.Handle, value.Native);
        return OperatorCalls.Changed(status, "aten::addcmul_", a, b, c);
    }

    /// <summary>a += value (b / c).</summary>
    public static Tensor AddCDivInPlace(this Tensor a, Tensor b, Tensor c, Scalar value)
    {
        int status = NativeOperators.AddcdivInPlace(a.Handle, b.Handle, c.Handle, value.Native);
        return OperatorCalls.Changed(status, "aten::addcdiv_", a, b, c);
    }

    /// <summary>a += weight (b - a).</summary>
    public static Tensor LerpInPlace(this Tensor a, Tensor b, Scalar weight)
    {
        int status = NativeOperators.LerpInPlace(a.Handle, b.Handle, weight.Native);
        return OperatorCalls.Changed(status, "aten::lerp_", a, b);
    }

    /// <summary>Elements outside of the bounds become these.</summary>
    public static Tensor ClampInPlace(this Tensor a, Scalar? min = null, Scalar? max = null)
    {
        if (min is { } least)
        {
            OperatorCalls.BinaryScalarInPlace(BinaryScalarInPlaceOperator.ClampMin, a, least);
        }

        return max is { } most ? OperatorCalls.BinaryScalarInPlace(BinaryScalarInPlaceOperator.ClampMax, a, most) : a;
    }

    /// <summary>Every element becomes 0.</summary>
    public static Tensor ZeroInPlace(this Tensor a) => OperatorCalls.UnaryInPlace(UnaryInPlaceOperator.Zero, a);

    /// <summary>Every element becomes <paramref name="value"/>.</summary>
    public static Tensor FillInPlace(this Tensor a, Scalar value) =>
        OperatorCalls.BinaryScalarInPlace(BinaryScalarInPlaceOperator.Fill, a, value);

    /// <summary>b / a for every element.</summary>
    internal static Tensor DivideFrom(Tensor a, Scalar b)
    {
        Tensor reciprocal = a.Reciprocal();
        Tensor result = reciprocal.Multiply(b);
        reciprocal.Dispose();
        return result;
    }
}
