using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>Parts of tensors by index, and elements by tensors of indices.</summary>
public static class TensorIndexing
{
    private static readonly TorchOperator s_index = new("aten::index.Tensor");
    private static readonly TorchOperator s_indexPut = new("aten::index_put_");
    private static readonly TorchOperator s_maskedFill = new("aten::masked_fill.Scalar");
    private static readonly TorchOperator s_maskedFillInPlace = new("aten::masked_fill_.Scalar");
    private static readonly TorchOperator s_scatter = new("aten::scatter.src");
    private static readonly TorchOperator s_scatterAdd = new("aten::scatter_add");
    private static readonly TorchOperator s_scatterInPlace = new("aten::scatter_.src");
    private static readonly TorchOperator s_indexAddInPlace = new("aten::index_add_");
    private static readonly TorchOperator s_triu = new("aten::triu");
    private static readonly TorchOperator s_tril = new("aten::tril");

    /// <summary>The elements along a dimension at the places that a one-dimensional int64 tensor names.</summary>
    public static Tensor IndexSelect(this Tensor tensor, int dimension, Tensor index)
    {
        int status = NativeOperators.IndexSelect(tensor.Handle, dimension, index.Handle, out nint result);
        if (status != 0)
        {
            TorchFailure.Throw(status, "aten::index_select", tensor, index);
        }

        GC.KeepAlive(tensor);
        GC.KeepAlive(index);
        return Tensor.Own(result);
    }

    /// <summary>
    /// Elements along a dimension by an index tensor of the result's shape: <c>out[i][j] = x[index[i][j]][j]</c> for
    /// dimension 0.
    /// </summary>
    public static Tensor Gather(this Tensor tensor, int dimension, Tensor index)
    {
        int status = NativeOperators.Gather(tensor.Handle, dimension, index.Handle, out nint result);
        if (status != 0)
        {
            TorchFailure.Throw(status, "aten::gather", tensor, index);
        }

        GC.KeepAlive(tensor);
        GC.KeepAlive(index);
        return Tensor.Own(result);
    }

    /// <summary>The elements where a mask holds, in one dimension.</summary>
    public static Tensor MaskedSelect(this Tensor tensor, Tensor mask) =>
        OperatorCalls.Binary(BinaryOperator.MaskedSelect, tensor, mask);

    /// <summary>A copy with one value where a mask holds.</summary>
    public static Tensor MaskedFill(this Tensor tensor, Tensor mask, Scalar value) =>
        s_maskedFill.Call(tensor, mask, value);

    /// <summary>Writes one value where a mask holds.</summary>
    /// <returns>The same tensor.</returns>
    public static Tensor MaskedFillInPlace(this Tensor tensor, Tensor mask, Scalar value)
    {
        s_maskedFillInPlace.Run(tensor, mask, value);
        return tensor;
    }

    /// <summary>The opposite of <see cref="Gather"/>: a copy with <paramref name="source"/> at the indices.</summary>
    public static Tensor Scatter(this Tensor tensor, int dimension, Tensor index, Tensor source) =>
        s_scatter.Call(tensor, dimension, index, source);

    /// <summary><see cref="Scatter"/> within the tensor.</summary>
    /// <returns>The same tensor.</returns>
    public static Tensor ScatterInPlace(this Tensor tensor, int dimension, Tensor index, Tensor source)
    {
        s_scatterInPlace.Run(tensor, dimension, index, source);
        return tensor;
    }

    /// <summary>A copy with <paramref name="source"/> added at the indices, also where they repeat.</summary>
    public static Tensor ScatterAdd(this Tensor tensor, int dimension, Tensor index, Tensor source) =>
        s_scatterAdd.Call(tensor, dimension, index, source);

    /// <summary>Adds rows of <paramref name="source"/> at the places that <paramref name="index"/> names.</summary>
    /// <returns>The same tensor.</returns>
    public static Tensor IndexAddInPlace(this Tensor tensor, int dimension, Tensor index, Tensor source)
    {
        s_indexAddInPlace.Run(tensor, dimension, index, source);
        return tensor;
    }

    /// <summary>The elements at and above a diagonal, 0 below it.</summary>
    public static Tensor Triu(this Tensor tensor, long diagonal = 0) => s_triu.Call(tensor, diagonal);

    /// <summary>The elements at and below a diagonal, 0 above it.</summary>
    public static Tensor Tril(this Tensor tensor, long diagonal = 0) => s_tril.Call(tensor, diagonal);

    internal static Tensor Get(Tensor tensor, ReadOnlySpan<TensorIndex> indices)
    {
        var view = new IndexedView(tensor, indices);
        if (view.Tensors.Length == 0)
        {
            return view.Result;
        }

        Tensor found = s_index.Call(view.Result, view.Tensors);
        view.DisposeUnless(tensor);
        return found;
    }

    internal static void Set(Tensor tensor, ReadOnlySpan<TensorIndex> indices, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var view = new IndexedView(tensor, indices);
        if (view.Tensors.Length == 0)
        {
            view.Result.CopyFrom(value);
        }
        else
        {
            s_indexPut.Run(view.Result, view.Tensors, value);
        }

        view.DisposeUnless(tensor);
    }
}
