using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// Many elements into one: over all of them, or over some dimensions (negative ones count from the end), which then
/// are gone, or are kept with size 1.
/// </summary>
public static class TensorReductions
{
    private const int ArgMaxKind = 0;
    private const int ArgMinKind = 1;
    private const int MaxKind = 2;
    private const int MinKind = 3;
    private const int AllKind = 4;
    private const int AnyKind = 5;
    private const int ProdKind = 6;
    private const int CumSumKind = 7;
    private const int LogSumExpKind = 8;
    private static readonly TorchOperator s_variance = new("aten::var.correction");
    private static readonly TorchOperator s_deviation = new("aten::std.correction");
    private static readonly TorchOperator s_topK = new("aten::topk");
    private static readonly TorchOperator s_sort = new("aten::sort");
    private static readonly TorchOperator s_maxOver = new("aten::max.dim");
    private static readonly TorchOperator s_minOver = new("aten::min.dim");

    public static Tensor Sum(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Sum, a);

    public static unsafe Tensor Sum(
        this Tensor a, ReadOnlySpan<long> dimensions, bool keep = false, DType? dtype = null)
    {
        fixed (long* pointer = dimensions)
        {
            int status = NativeOperators.SumDims(
                a.Handle, pointer, dimensions.Length, keep ? 1 : 0, Number(dtype), out nint result);
            return OperatorCalls.Made(status, result, "aten::sum", a);
        }
    }

    public static Tensor Sum(this Tensor a, int dimension, bool keep = false) => a.Sum([dimension], keep);

    public static Tensor Mean(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Mean, a);

    public static unsafe Tensor Mean(
        this Tensor a, ReadOnlySpan<long> dimensions, bool keep = false, DType? dtype = null)
    {
        fixed (long* pointer = dimensions)
        {
            int status = NativeOperators.MeanDims(
                a.Handle, pointer, dimensions.Length, keep ? 1 : 0, Number(dtype), out nint result);
            return OperatorCalls.Made(status, result, "aten::mean", a);
        }
    }

    public static Tensor Mean(this Tensor a, int dimension, bool keep = false) => a.Mean([dimension], keep);

    public static Tensor Max(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Max, a);

    /// <summary>The largest element along a dimension.</summary>
    public static Tensor Max(this Tensor a, int dimension, bool keep = false) =>
        Reduce(MaxKind, "aten::amax", a, dimension, keep);

    /// <summary>The largest element along a dimension, and where it is.</summary>
    public static (Tensor Values, Tensor Indices) MaxWithIndices(this Tensor a, int dimension, bool keep = false) =>
        Pair(s_maxOver.CallAll(a, dimension, keep));

    public static Tensor Min(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Min, a);

    /// <summary>The smallest element along a dimension.</summary>
    public static Tensor Min(this Tensor a, int dimension, bool keep = false) =>
        Reduce(MinKind, "aten::amin", a, dimension, keep);

    /// <summary>The smallest element along a dimension, and where it is.</summary>
    public static (Tensor Values, Tensor Indices) MinWithIndices(this Tensor a, int dimension, bool keep = false) =>
        Pair(s_minOver.CallAll(a, dimension, keep));

    /// <summary>Where the largest of all elements is, in row-major order.</summary>
    public static Tensor ArgMax(this Tensor a) => OperatorCalls.Unary(UnaryOperator.ArgMax, a);

    /// <summary>Where the largest element along a dimension is.</summary>
    public static Tensor ArgMax(this Tensor a, int dimension, bool keep = false) =>
        Reduce(ArgMaxKind, "aten::argmax", a, dimension, keep);

    /// <summary>Where the smallest of all elements is, in row-major order.</summary>
    public static Tensor ArgMin(this Tensor a) => OperatorCalls.Unary(UnaryOperator.ArgMin, a);

    /// <summary>Where the smallest element along a dimension is.</summary>
    public static Tensor ArgMin(this Tensor a, int dimension, bool keep = false) =>
        Reduce(ArgMinKind, "aten::argmin", a, dimension, keep);

    /// <summary>Whether every element is other than 0.</summary>
    public static Tensor All(this Tensor a) => OperatorCalls.Unary(UnaryOperator.All, a);

    public static Tensor All(this Tensor a, int dimension, bool keep = false) =>
        Reduce(AllKind, "aten::all", a, dimension, keep);

    /// <summary>Whether an element is other than 0.</summary>
    public static Tensor Any(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Any, a);

    public static Tensor Any(this Tensor a, int dimension, bool keep = false) =>
        Reduce(AnyKind, "aten::any", a, dimension, keep);

    public static Tensor Prod(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Prod, a);

    public static Tensor Prod(this Tensor a, int dimension, bool keep = false) =>
        Reduce(ProdKind, "aten::prod", a, dimension, keep);

    /// <summary>The sums of all elements up to each, along a dimension.</summary>
    public static Tensor CumSum(this Tensor a, int dimension) =>
        Reduce(CumSumKind, "aten::cumsum", a, dimension, false);

    /// <summary>log(sum(exp(a))) along a dimension, without overflow.</summary>
    public static Tensor LogSumExp(this Tensor a, int dimension, bool keep = false) =>
        Reduce(LogSumExpKind, "aten::logsumexp", a, dimension, keep);

    /// <summary>The p-norm of all elements.</summary>
    public static Tensor Norm(this Tensor a, double p = 2) => a.Norm(p, []);

    /// <summary>The p-norm over some dimensions.</summary>
    public static unsafe Tensor Norm(this Tensor a, double p, ReadOnlySpan<long> dimensions, bool keep = false)
    {
        fixed (long* pointer = dimensions)
        {
            int status = NativeOperators.Norm(
                a.Handle, Scalar.FromDouble(p).Native, pointer, dimensions.Length, keep ? 1 : 0, out nint result);
            return OperatorCalls.Made(status, result, "aten::norm", a);
        }
    }

    /// <summary>
    /// The variance over some dimensions, none for all; the sum is divided by the count less
    /// <paramref name="correction"/>.
    /// </summary>
    public static Tensor Variance(
        this Tensor a, ReadOnlySpan<long> dimensions, long correction = 1, bool keep = false) =>
        s_variance.Call(
            a,
            dimensions.Length == 0 ? TorchValue.None : dimensions.ToArray(),
            TorchValue.Named("correction", correction),
            TorchValue.Named("keepdim", keep));

    /// <summary>The standard deviation, the root of <see cref="Variance"/>.</summary>
    public static Tensor StandardDeviation(
        this Tensor a, ReadOnlySpan<long> dimensions, long correction = 1, bool keep = false) =>
        s_deviation.Call(
            a,
            dimensions.Length == 0 ? TorchValue.None : dimensions.ToArray(),
            TorchValue.Named("correction", correction),
            TorchValue.Named("keepdim", keep));

    /// <summary>The k largest (or smallest) elements along a dimension, sorted, and where they are.</summary>
    public static (Tensor Values, Tensor Indices) TopK(
        this Tensor a, long k, int dimension = -1, bool largest = true) =>
        Pair(s_topK.CallAll(a, k, dimension, largest));

    /// <summary>The elements in order along a dimension, and where each was.</summary>
    public static (Tensor Values, Tensor Indices) Sort(
        this Tensor a, int dimension = -1, bool descending = false) =>
        Pair(s_sort.CallAll(a, dimension, descending));

    internal static int Number(DType? dtype) => dtype is { } known ? (int)known : -1;

    private static Tensor Reduce(int kind, string operatorName, Tensor a, int dimension, bool keep)
    {
        int status = NativeOperators.ReduceDim(kind, a.Handle, dimension, keep ? 1 : 0, out nint result);
        return OperatorCalls.Made(status, result, operatorName, a);
    }

    private static (Tensor Values, Tensor Indices) Pair(TorchValue[] results) =>
        (results[0].ToTensor(), results[1].ToTensor());
}
