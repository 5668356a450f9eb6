using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>Products of matrices and vectors.</summary>
public static class TensorProducts
{
    private static readonly TorchOperator s_einsum = new("aten::einsum");

    /// <summary>
    /// The product of vectors, matrices, or stacks of matrices, which broadcast: [.., n, k] with [.., k, m] is
    /// [.., n, m].
    /// </summary>
    public static Tensor MatMul(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.MatMul, a, b);

    /// <summary>The product of two matrices: [n, k] with [k, m] is [n, m].</summary>
    public static Tensor Mm(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Mm, a, b);

    /// <summary>The products of two stacks of matrices: [b, n, k] with [b, k, m] is [b, n, m].</summary>
    public static Tensor Bmm(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Bmm, a, b);

    /// <summary>A matrix times a vector: [n, k] with [k] is [n].</summary>
    public static Tensor Mv(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Mv, a, b);

    /// <summary>The inner product of two vectors.</summary>
    public static Tensor Dot(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Dot, a, b);

    /// <summary>The outer product of two vectors: [n] with [m] is [n, m].</summary>
    public static Tensor Outer(this Tensor a, Tensor b) => OperatorCalls.Binary(BinaryOperator.Outer, a, b);

    /// <summary>beta a + alpha (b times c).</summary>
    public static Tensor AddMm(this Tensor a, Tensor b, Tensor c, double beta = 1, double alpha = 1)
    {
        int status = NativeOperators.Addmm(
            a.Handle, b.Handle, c.Handle, Scalar.FromDouble(beta).Native, Scalar.FromDouble(alpha).Native,
            out nint result);
        return OperatorCalls.Made(status, result, "aten::addmm", a, b, c);
    }

    /// <summary>Sums of products by Einstein's convention, such as <c>bij,bjk-&gt;bik</c>.</summary>
    public static Tensor EinSum(string equation, params Tensor[] tensors) => s_einsum.Call(equation, tensors);
}
