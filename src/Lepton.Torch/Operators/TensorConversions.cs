using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>Other dtypes and devices, copies, and the way from tensors to C#'s own numbers.</summary>
public static class TensorConversions
{
    /// <summary>The tensor in another dtype; the tensor's own memory where it has it already.</summary>
    public static Tensor To(this Tensor a, DType dtype) => To(a, (int)dtype, null, false, false);

    /// <summary>The tensor on another device; the tensor's own memory where it is there already.</summary>
    /// <param name="a">The tensor.</param>
    /// <param name="device">Where to.</param>
    /// <param name="nonBlocking">Whether to return before the copy is done, from pinned memory to a GPU.</param>
    public static Tensor To(this Tensor a, Device device, bool nonBlocking = false) =>
        To(a, -1, device, nonBlocking, false);

    /// <summary>A copy of its own in another dtype, on another device, or both; null keeps either.</summary>
    public static Tensor CopyTo(this Tensor a, DType? dtype = null, Device? device = null) =>
        To(a, TensorReductions.Number(dtype), device, false, true);

    /// <summary>A copy with memory of its own. Recorded: gradients flow through it.</summary>
    public static Tensor Clone(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Clone, a);

    /// <summary>The same memory, apart from the graph: no gradient flows through it.</summary>
    public static Tensor Detach(this Tensor a) => OperatorCalls.Unary(UnaryOperator.Detach, a);

    /// <summary>Copies another tensor into this one, with broadcasting and conversion.</summary>
    /// <returns>The same tensor.</returns>
    public static Tensor CopyFrom(this Tensor a, Tensor source, bool nonBlocking = false)
    {
        int status = NativeOperators.CopyInPlace(a.Handle, source.Handle, nonBlocking ? 1 : 0);
        return OperatorCalls.Changed(status, "aten::copy_", a, source);
    }

    /// <summary>The only element, of any dtype.</summary>
    /// <exception cref="TorchOperatorException">There are more, or none.</exception>
    public static Scalar ToScalar(this Tensor a)
    {
        int status = NativeTensors.Item(a.Handle, out NativeScalar value);
        if (status != 0)
        {
            TorchFailure.Throw(status, "item", a);
        }

        GC.KeepAlive(a);
        return new Scalar(value);
    }

    /// <summary>The only element as a double.</summary>
    public static double ToDouble(this Tensor a) => a.ToScalar().ToDouble();

    /// <summary>The only element as a float.</summary>
    public static float ToSingle(this Tensor a) => (float)a.ToScalar().ToDouble();

    /// <summary>The only element as an integer.</summary>
    public static long ToInt64(this Tensor a) => a.ToScalar().ToInt64();

    /// <summary>Whether the only element is other than 0.</summary>
    public static bool ToBoolean(this Tensor a) => a.ToScalar().ToBoolean();

    /// <summary>All elements in row-major order, copied from whatever device and layout.</summary>
    /// <exception cref="InvalidOperationException">The tensor's dtype is not that of <typeparamref
    /// name="T"/>.</exception>
    public static T[] ToArray<T>(this Tensor a)
        where T : unmanaged
    {
        RequireType<T>(a);
        var elements = new T[a.ElementCount];
        a.CopyInto(elements.AsSpan());
        return elements;
    }

    /// <summary>Copies all elements in row-major order into memory of the caller's.</summary>
    /// <exception cref="ArgumentException">There is not room for just as many.</exception>
    public static unsafe void CopyInto<T>(this Tensor a, Span<T> target)
        where T : unmanaged
    {
        RequireType<T>(a);
        if (target.Length != a.ElementCount)
        {
            throw new ArgumentException(
                $"{a.Signature} has {a.ElementCount} elements; the memory has room for {target.Length}.",
                nameof(target));
        }

        fixed (T* pointer = target)
        {
            int status = NativeTensors.CopyOut(a.Handle, pointer, (long)target.Length * sizeof(T));
            if (status != 0)
            {
                TorchFailure.Throw(status, "copy", a);
            }
        }

        GC.KeepAlive(a);
    }

    /// <summary>
    /// The tensor's own memory, not copied: valid while the tensor lives, which the caller sees to.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The tensor's dtype is not that of <typeparamref name="T"/>, it is not on the CPU, or its elements don't lie one
    /// after the other (make it <see cref="TensorShapes.Contiguous"/> first).
    /// </exception>
    public static Span<T> AsSpan<T>(this Tensor a)
        where T : unmanaged
    {
        RequireType<T>(a);
        return MemoryMarshal.Cast<byte, T>(a.AsBytes());
    }

    /// <summary>The bytes of the tensor's own memory, of any dtype; see <see cref="AsSpan{T}"/>.</summary>
    public static unsafe Span<byte> AsBytes(this Tensor a)
    {
        if (a.Device.Kind != DeviceKind.Cpu || !a.IsContiguous)
        {
            throw new InvalidOperationException(
                $"{a.Signature} on {a.Device} has no memory that a span can show: it must be on the CPU, and " +
                "contiguous. Use To(Device.Cpu) and Contiguous(), or ToArray, which copies.");
        }

        long bytes = a.ElementCount * NativeTensors.ElementBytes(a.Handle);
        return bytes <= int.MaxValue
            ? new Span<byte>(NativeTensors.Data(a.Handle), (int)bytes)
            : throw new InvalidOperationException(
                $"{a.Signature} has {bytes} bytes, more than a span can show. Take it in parts: Narrow, Split.");
    }

    private static Tensor To(Tensor a, int dtype, Device? device, bool nonBlocking, bool copy)
    {
        int status = NativeOperators.To(
            a.Handle, dtype, device is { } kind ? (int)kind.Kind : -1,
            device is { } target ? Torch.IndexOf(target) : -1, nonBlocking ? 1 : 0, copy ? 1 : 0, out nint result);
        return OperatorCalls.Made(status, result, "aten::to", a);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RequireType<T>(Tensor a)
        where T : unmanaged
    {
        if (a.DType != DTypes.Of<T>())
        {
            throw new InvalidOperationException(
                $"{a.Signature} holds no {typeof(T).Name}. Convert it first: To(DType.{DTypes.Of<T>()}).");
        }
    }
}
