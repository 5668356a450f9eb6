using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>Comparisons and truth values, elementwise; results are of <see cref="DType.Bool"/>.</summary>
public static class TensorComparisons
{
    private static readonly TorchOperator s_whereScalar = new("aten::where.ScalarOther");
    private static readonly TorchOperator s_allClose = new("aten::allclose");
    private static readonly TorchOperator s_equal = new("aten::equal");

    public static Tensor Eq(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Eq, a, b);

    public static Tensor Eq(this Tensor a, Scalar b) => OperatorCalls.BinaryScalar(BinaryScalarOperator.Eq, a, b);

    public static Tensor Ne(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Ne, a, b);

    public static Tensor Ne(this Tensor a, Scalar b) => OperatorCalls.BinaryScalar(BinaryScalarOperator.Ne, a, b);

    public static Tensor Lt(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Lt, a, b);

    public static Tensor Lt(this Tensor a, Scalar b) => OperatorCalls.BinaryScalar(BinaryScalarOperator.Lt, a, b);

    public static Tensor Le(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Le, a, b);

    public static Tensor Le(this Tensor a, Scalar b) => OperatorCalls.BinaryScalar(BinaryScalarOperator.Le, a, b);

    public static Tensor Gt(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Gt, a, b);

    public static Tensor Gt(this Tensor a, Scalar b) => OperatorCalls.BinaryScalar(BinaryScalarOperator.Gt, a, b);

    public static Tensor Ge(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Ge, a, b);

    public static Tensor Ge(this Tensor a, Scalar b) => OperatorCalls.BinaryScalar(BinaryScalarOperator.Ge, a, b);

    public static Tensor And(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.LogicalAnd, a, b);

    public static Tensor Or(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.LogicalOr, a, b);

    public static Tensor Xor(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.LogicalXor, a, b);

    public static Tensor Not(this Tensor a) => OperatorCalls.Unary(UnaryOperator.LogicalNot, a);

    public static Tensor IsNaN(this Tensor a) => OperatorCalls.Unary(UnaryOperator.IsNaN, a);

    public static Tensor IsFinite(this Tensor a) => OperatorCalls.Unary(UnaryOperator.IsFinite, a);

    /// <summary>
    /// The elements of <paramref name="a"/> where the condition holds, of <paramref name="b"/> elsewhere.
    /// </summary>
    public static Tensor Where(this Tensor condition, Tensor a, Tensor b)
    {
        int status = NativeOperators.Where(condition.Handle, a.Handle, b.Handle, out nint result);
        return OperatorCalls.Made(status, result, "aten::where", condition, a, b);
    }

    /// <summary>The elements of <paramref name="a"/> where the condition holds, one number elsewhere.</summary>
    public static Tensor Where(this Tensor condition, Tensor a, Scalar b) => s_whereScalar.Call(condition, a, b);

    /// <summary>Whether all elements differ by at most <c>absolute + relative |b|</c>.</summary>
    public static bool AllClose(this Tensor a, Tensor b, double relative = 1e-5, double absolute = 1e-8) =>
        s_allClose.CallAll(a, b, relative, absolute)[0].ToBoolean();

    /// <summary>Whether shapes and all elements are equal.</summary>
    public static bool ContentEquals(this Tensor a, Tensor b) => s_equal.CallAll(a, b)[0].ToBoolean();

    /// <summary>Whether both lie in one storage, as views of one tensor do.</summary>
    public static bool SharesStorage(this Tensor a, Tensor b)
    {
        int result = NativeTensors.SharesStorage(a.Handle, b.Handle);
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        return result != 0;
    }
}
