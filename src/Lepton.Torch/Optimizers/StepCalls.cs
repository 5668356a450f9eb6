using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch.Optimizers;

/// <summary>
/// The operators that a step is made of, on bare handles: a step makes no object for each parameter, neither for its
/// gradient nor for what lies between. Whoever holds the handles keeps their tensors alive.
/// </summary>
internal static class StepCalls
{
    /// <summary>The gradient, a reference of the caller's own; 0 where there is none.</summary>
    public static nint GradientOf(nint parameter)
    {
        TorchFailure.Check(NativeAutograd.Grad(parameter, out nint gradient), "grad");
        return gradient;
    }

    public static void Release(nint tensor) => NativeTensors.Release(tensor);

    /// <summary>a + alpha b, a new tensor.</summary>
    public static nint Add(nint a, nint b, double alpha)
    {
        Check(NativeOperators.Add(a, b, Number(alpha), out nint result), "aten::add");
        return result;
    }

    public static nint Negate(nint a) => Unary(UnaryOperator.Neg, a, "aten::neg");

    public static nint Sign(nint a) => Unary(UnaryOperator.Sign, a, "aten::sign");

    public static nint Sqrt(nint a) => Unary(UnaryOperator.Sqrt, a, "aten::sqrt");

    public static nint Clone(nint a) => Unary(UnaryOperator.Clone, a, "aten::clone");

    public static void AddInPlace(nint a, nint b, double alpha) =>
        Check(NativeOperators.AddInPlace(a, b, Number(alpha)), "aten::add_");

    public static void AddInPlace(nint a, double b) =>
        Check(NativeOperators.AddScalarInPlace(a, Number(b)), "aten::add_");

    public static void MultiplyInPlace(nint a, double b) =>
        Check(
            NativeOperators.BinaryScalarInPlace((int)BinaryScalarInPlaceOperator.Mul, a, Number(b)), "aten::mul_");

    public static void DivideInPlace(nint a, double b) =>
        Check(
            NativeOperators.BinaryScalarInPlace((int)BinaryScalarInPlaceOperator.Div, a, Number(b)), "aten::div_");

    /// <summary>a becomes a + value b c.</summary>
    public static void AddCMulInPlace(nint a, nint b, nint c, double value) =>
        Check(NativeOperators.AddcmulInPlace(a, b, c, Number(value)), "aten::addcmul_");

    /// <summary>a becomes a + value b / c.</summary>
    public static void AddCDivInPlace(nint a, nint b, nint c, double value) =>
        Check(NativeOperators.AddcdivInPlace(a, b, c, Number(value)), "aten::addcdiv_");

    /// <summary>a becomes the larger of a and b, element by element.</summary>
    public static void MaximumInPlace(nint a, nint b)
    {
        Check(NativeOperators.Binary((int)BinaryOperator.Maximum, a, b, out nint larger), "aten::maximum");
        try
        {
            Check(NativeOperators.BinaryInPlace((int)BinaryInPlaceOperator.Copy, a, larger), "aten::copy_");
        }
        finally
        {
            NativeTensors.Release(larger);
        }
    }

    private static nint Unary(UnaryOperator place, nint a, string operatorName)
    {
        Check(NativeOperators.Unary((int)place, a, out nint result), operatorName);
        return result;
    }

    private static void Check(int status, string operatorName)
    {
        if (status != 0)
        {
            TorchFailure.Throw(status, operatorName);
        }
    }

    private static NativeScalar Number(double value) => Scalar.FromDouble(value).Native;
}
