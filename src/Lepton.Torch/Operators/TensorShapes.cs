using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// Other shapes of the same elements. Views share the tensor's memory: what changes one changes the other. Negative
/// dimensions count from the end.
/// </summary>
public static class TensorShapes
{
    private const int ViewKind = 0;
    private const int ReshapeKind = 1;
    private const int PermuteKind = 2;
    private const int ExpandKind = 3;
    private const int RepeatKind = 4;
    private const int FlipKind = 5;
    private const int SumToSizeKind = 6;
    private const int TransposeKind = 0;
    private const int SelectKind = 1;
    private const int FlattenKind = 2;
    private const int DiagonalKind = 3;
    private const int MoveKind = 4;
    private const int UnsqueezeKind = 0;
    private const int SqueezeKind = 1;
    private static readonly TorchOperator s_roll = new("aten::roll");
    private static readonly TorchOperator s_repeatInterleave = new("aten::repeat_interleave.self_int");

    /// <summary>A view of another shape with as many elements; one size may be -1.</summary>
    public static Tensor View(this Tensor a, params ReadOnlySpan<long> shape) =>
        Shaped(ViewKind, "aten::view", a, shape);

    /// <summary>As <see cref="View"/>, but a copy where a view can't be.</summary>
    public static Tensor Reshape(this Tensor a, params ReadOnlySpan<long> shape) =>
        Shaped(ReshapeKind, "aten::reshape", a, shape);

    /// <summary>A view with the dimensions in another order.</summary>
    public static Tensor Permute(this Tensor a, params ReadOnlySpan<long> dimensions) =>
        Shaped(PermuteKind, "aten::permute", a, dimensions);

    /// <summary>A view in which dimensions of size 1 repeat; -1 leaves a size as it is.</summary>
    public static Tensor Expand(this Tensor a, params ReadOnlySpan<long> shape) =>
        Shaped(ExpandKind, "aten::expand", a, shape);

    /// <summary>A copy in which each dimension repeats.</summary>
    public static Tensor Repeat(this Tensor a, params ReadOnlySpan<long> counts) =>
        Shaped(RepeatKind, "aten::repeat", a, counts);

    /// <summary>A copy in which each element along a dimension repeats.</summary>
    public static Tensor RepeatInterleave(this Tensor a, long count, int dimension) =>
        s_repeatInterleave.Call(a, count, dimension);

    /// <summary>A copy with some dimensions reversed.</summary>
    public static Tensor Flip(this Tensor a, params ReadOnlySpan<long> dimensions) =>
        Shaped(FlipKind, "aten::flip", a, dimensions);

    /// <summary>A copy whose elements are moved along a dimension, the last ones to the front.</summary>
    public static Tensor Roll(this Tensor a, long shift, int dimension) => s_roll.Call(a, shift, dimension);

    /// <summary>The sum over what broadcasting had added: a tensor of a shape that broadcasts to this one.</summary>
    public static Tensor SumToSize(this Tensor a, params ReadOnlySpan<long> shape) =>
        Shaped(SumToSizeKind, "aten::sum_to_size", a, shape);

    /// <summary>A view with two dimensions exchanged.</summary>
    public static Tensor Transpose(this Tensor a, int first, int second) =>
        Paired(TransposeKind, "aten::transpose", a, first, second);

    /// <summary>A view with the two dimensions of a matrix exchanged.</summary>
    public static Tensor T(this Tensor a) => OperatorCalls.Unary(UnaryOperator.T, a);

    /// <summary>A view of one element of a dimension, which is gone.</summary>
    public static Tensor Select(this Tensor a, int dimension, long index) =>
        Paired(SelectKind, "aten::select", a, dimension, index);

    /// <summary>Dimensions from <paramref name="first"/> to <paramref name="last"/> as one.</summary>
    public static Tensor Flatten(this Tensor a, int first = 0, int last = -1) =>
        Paired(FlattenKind, "aten::flatten", a, first, last);

    /// <summary>A view of the elements whose indices in two dimensions are equal.</summary>
    public static Tensor Diagonal(this Tensor a, int first = 0, int second = 1) =>
        Paired(DiagonalKind, "aten::diagonal", a, first, second);

    /// <summary>A view with one dimension at another place.</summary>
    public static Tensor MoveDimension(this Tensor a, int from, int to) =>
        Paired(MoveKind, "aten::movedim", a, from, to);

    /// <summary>A view with a dimension of size 1 more.</summary>
    public static Tensor Unsqueeze(this Tensor a, int dimension) =>
        Single(UnsqueezeKind, "aten::unsqueeze", a, dimension);

    /// <summary>A view without one dimension, if its size is 1.</summary>
    public static Tensor Squeeze(this Tensor a, int dimension) => Single(SqueezeKind, "aten::squeeze", a, dimension);

    /// <summary>A view of every <paramref name="step"/>-th element of a dimension, as Python's slices.</summary>
    public static Tensor Slice(this Tensor a, int dimension, long start, long end = long.MaxValue, long step = 1)
    {
        int status = NativeOperators.Slice(a.Handle, dimension, start, end, step, out nint result);
        return OperatorCalls.Made(status, result, "aten::slice", a);
    }

    /// <summary>A view of <paramref name="length"/> elements of a dimension.</summary>
    public static Tensor Narrow(this Tensor a, int dimension, long start, long length)
    {
        int status = NativeOperators.Narrow(a.Handle, dimension, start, length, out nint result);
        return OperatorCalls.Made(status, result, "aten::narrow", a);
    }

    /// <summary>Views of <paramref name="size"/> elements of a dimension each, the last one of what is left.</summary>
    public static unsafe Tensor[] Split(this Tensor a, long size, int dimension = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        long length = a.Size(dimension);
        nint[] handles = new nint[Math.Max(1, (length + size - 1) / size)];
        fixed (nint* pointer = handles)
        {
            int status = NativeOperators.Split(a.Handle, size, dimension, pointer, handles.Length, out int count);
            if (status != 0)
            {
                TorchFailure.Throw(status, "aten::split", a);
            }

            GC.KeepAlive(a);
            return OwnAll(handles.AsSpan(0, count));
        }
    }

    /// <summary>Views of the dimension in at most <paramref name="count"/> parts of one size.</summary>
    public static Tensor[] Chunk(this Tensor a, int count, int dimension = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return a.Split(Math.Max(1, (a.Size(dimension) + count - 1) / count), dimension);
    }

    /// <summary>The tensor itself where its elements lie in row-major order, a copy that does otherwise.</summary>
    public static Tensor Contiguous(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Contiguous, a);

    /// <summary>Another handle to a view of the whole tensor.</summary>
    public static Tensor Alias(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Alias, a);

    internal static Tensor[] OwnAll(ReadOnlySpan<nint> handles)
    {
        var tensors = new Tensor[handles.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = Tensor.Own(handles[i]);
        }

        return tensors;
    }

    private static unsafe Tensor Shaped(int kind, string operatorName, Tensor a, ReadOnlySpan<long> values)
    {
        fixed (long* pointer = values)
        {
            int status = NativeOperators.Shaped(kind, a.Handle, pointer, values.Length, out nint result);
            if (status != 0)
            {
                throw TorchFailure.Of(status, operatorName, $"{a.Signature}, [{string.Join(", ", values.ToArray())}]");
            }

            GC.KeepAlive(a);
            return Tensor.Own(result);
        }
    }

    private static Tensor Paired(int kind, string operatorName, Tensor a, long x, long y)
    {
        int status = NativeOperators.ShapedPair(kind, a.Handle, x, y, out nint result);
        if (status != 0)
        {
            throw TorchFailure.Of(status, operatorName, $"{a.Signature}, {x}, {y}");
        }

        GC.KeepAlive(a);
        return Tensor.Own(result);
    }

    private static Tensor Single(int kind, string operatorName, Tensor a, int dimension)
    {
        int status = NativeOperators.ShapedDim(kind, a.Handle, dimension, out nint result);
        if (status != 0)
        {
            throw TorchFailure.Of(status, operatorName, $"{a.Signature}, {dimension}");
        }

        GC.KeepAlive(a);
        return Tensor.Own(result);
    }
}
