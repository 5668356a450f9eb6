using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// The unboxed calls, one for each family of the shim. Tensors are kept alive behind each call: their last use may lie
/// before it, and the collector would free them while native code reads them.
/// </summary>
internal static class OperatorCalls
{
    private const int UnaryFamily = 0;
    private const int UnaryInPlaceFamily = 1;
    private const int BinaryFamily = 2;
    private const int BinaryInPlaceFamily = 3;
    private const int BinaryScalarFamily = 4;
    private const int BinaryScalarInPlaceFamily = 5;

    public static Tensor Unary(UnaryOperator place, Tensor a)
    {
        int status = NativeOperators.Unary((int)place, a.Handle, out nint result);
        if (status != 0)
        {
            TorchFailure.ThrowFamily(status, UnaryFamily, (int)place, a);
        }

        GC.KeepAlive(a);
        return Tensor.Own(result);
    }

    public static Tensor UnaryInPlace(UnaryInPlaceOperator place, Tensor a)
    {
        int status = NativeOperators.UnaryInPlace((int)place, a.Handle);
        if (status != 0)
        {
            TorchFailure.ThrowFamily(status, UnaryInPlaceFamily, (int)place, a);
        }

        GC.KeepAlive(a);
        return a;
    }

    public static Tensor Binary(BinaryOperator place, Tensor a, Tensor b)
    {
        int status = NativeOperators.Binary((int)place, a.Handle, b.Handle, out nint result);
        if (status != 0)
        {
            TorchFailure.ThrowFamily(status, BinaryFamily, (int)place, a, b);
        }

        GC.KeepAlive(a);
        GC.KeepAlive(b);
        return Tensor.Own(result);
    }

    public static Tensor BinaryInPlace(BinaryInPlaceOperator place, Tensor a, Tensor b)
    {
        int status = NativeOperators.BinaryInPlace((int)place, a.Handle, b.Handle);
        if (status != 0)
        {
            TorchFailure.ThrowFamily(status, BinaryInPlaceFamily, (int)place, a, b);
        }

        GC.KeepAlive(a);
        GC.KeepAlive(b);
        return a;
    }

    public static Tensor BinaryScalar(BinaryScalarOperator place, Tensor a, Scalar b)
    {
        int status = NativeOperators.BinaryScalar((int)place, a.Handle, b.Native, out nint result);
        if (status != 0)
        {
            TorchFailure.ThrowFamily(status, BinaryScalarFamily, (int)place, a);
        }

        GC.KeepAlive(a);
        return Tensor.Own(result);
    }

    public static Tensor BinaryScalarInPlace(BinaryScalarInPlaceOperator place, Tensor a, Scalar b)
    {
        int status = NativeOperators.BinaryScalarInPlace((int)place, a.Handle, b.Native);
        if (status != 0)
        {
            TorchFailure.ThrowFamily(status, BinaryScalarInPlaceFamily, (int)place, a);
        }

        GC.KeepAlive(a);
        return a;
    }

    /// <summary>Ends a call that made a tensor of one other.</summary>
    public static Tensor Made(int status, nint result, string operatorName, Tensor a)
    {
        if (status != 0)
        {
            TorchFailure.Throw(status, operatorName, a);
        }

        GC.KeepAlive(a);
        return Tensor.Own(result);
    }

    /// <summary>Ends a call that made a tensor of two others, of which the second may be missing.</summary>
    public static Tensor Made(int status, nint result, string operatorName, Tensor a, Tensor? b)
    {
        if (status != 0)
        {
            TorchFailure.Throw(status, operatorName, a, b);
        }

        GC.KeepAlive(a);
        GC.KeepAlive(b);
        return Tensor.Own(result);
    }

    /// <summary>Ends a call that made a tensor of several others.</summary>
    public static Tensor Made(int status, nint result, string operatorName, params ReadOnlySpan<Tensor?> given)
    {
        if (status != 0)
        {
            TorchFailure.Throw(status, operatorName, given);
        }

        KeepAlive(given);
        return Tensor.Own(result);
    }

    /// <summary>Ends a call that changed its first tensor.</summary>
    public static Tensor Changed(int status, string operatorName, Tensor a, params ReadOnlySpan<Tensor?> others)
    {
        if (status != 0)
        {
            TorchFailure.Throw(status, operatorName, [a, .. others]);
        }

        GC.KeepAlive(a);
        KeepAlive(others);
        return a;
    }

    /// <summary>The handle of a tensor that may be missing.</summary>
    public static nint HandleOf(Tensor? tensor) => tensor is null ? 0 : tensor.Handle;

    private static void KeepAlive(ReadOnlySpan<Tensor?> tensors)
    {
        foreach (Tensor? tensor in tensors)
        {
            GC.KeepAlive(tensor);
        }
    }
}
