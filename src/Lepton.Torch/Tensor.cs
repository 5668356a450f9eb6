using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Lepton.Torch.Errors;
using Lepton.Torch.Memory;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// An array of numbers of one dtype, of any number of dimensions, on one device: libtorch's <c>at::Tensor</c>. Its
/// operators are extension methods by subject: <see cref="TensorArithmetic"/>, <see cref="TensorShapes"/>,
/// <see cref="TensorReductions"/> and their like; <see cref="Functional"/> has those of neural networks, and
/// <see cref="Torch.Call"/> all others. Tensors are made by <see cref="Torch"/>.
/// </summary>
/// <remarks>
/// <para>Operators broadcast as in PyTorch, and are recorded for backward unless <see cref="Torch.NoGrad"/> says
/// otherwise.</para>
/// <para>Ownership: the memory behind a tensor is freed with the <see cref="TensorScope"/> that it was made in, by
/// <see cref="Dispose"/>, or, outside of scopes, by the garbage collector. Views share it; it goes with the last of
/// them. After that every member throws <see cref="ObjectDisposedException"/>.</para>
/// <para>Thread safety: reading from several threads is safe, changing in place is not.</para>
/// </remarks>
[DebuggerDisplay("{Signature,nq}")]
public sealed class Tensor : IDisposable
{
    private nint _handle;
    private object? _owner;

    private Tensor(nint handle) => _handle = handle;

    /// <summary>The number of dimensions; 0 for a scalar.</summary>
    public int Dimensions
    {
        get
        {
            int result = NativeTensors.Dims(Handle);
            GC.KeepAlive(this);
            return result;
        }
    }

    /// <summary>The size of each dimension; a fresh copy.</summary>
    public unsafe ReadOnlySpan<long> Shape
    {
        get
        {
            long[] sizes = new long[Dimensions];
            fixed (long* pointer = sizes)
            {
                _ = NativeTensors.Sizes(Handle, pointer, sizes.Length);
            }

            GC.KeepAlive(this);
            return sizes;
        }
    }

    /// <summary>How many elements lie between neighbours in each dimension; a fresh copy.</summary>
    public unsafe ReadOnlySpan<long> Strides
    {
        get
        {
            long[] strides = new long[Dimensions];
            fixed (long* pointer = strides)
            {
                _ = NativeTensors.Strides(Handle, pointer, strides.Length);
            }

            GC.KeepAlive(this);
            return strides;
        }
    }

    /// <summary>The number of elements.</summary>
    public long ElementCount
    {
        get
        {
            long result = NativeTensors.Elements(Handle);
            GC.KeepAlive(this);
            return result;
        }
    }

    /// <summary>The type of the elements.</summary>
    public DType DType
    {
        get
        {
            int result = NativeTensors.DType(Handle);
            GC.KeepAlive(this);
            return (DType)result;
        }
    }

    /// <summary>Where the elements lie.</summary>
    public Device Device
    {
        get
        {
            var result = new Device(
                (DeviceKind)NativeTensors.DeviceType(Handle), NativeTensors.DeviceIndex(Handle));
            GC.KeepAlive(this);
            return result;
        }
    }

    /// <summary>Whether the elements lie one after the other in row-major order.</summary>
    public bool IsContiguous
    {
        get
        {
            int result = NativeTensors.IsContiguous(Handle);
            GC.KeepAlive(this);
            return result != 0;
        }
    }

    /// <summary>Whether it was freed.</summary>
    public bool IsDisposed => _handle == 0;

    /// <summary>Whether operators on it are recorded for backward. Can be set on leaves of a floating dtype.</summary>
    public bool RequiresGrad
    {
        get
        {
            int result = NativeAutograd.RequiresGrad(Handle);
            GC.KeepAlive(this);
            return result != 0;
        }

        set
        {
            int status = NativeAutograd.SetRequiresGrad(Handle, value ? 1 : 0);
            if (status != 0)
            {
                TorchFailure.Throw(status, "requires_grad", this);
            }
        }
    }

    /// <summary>Whether it was made by the user, not by a recorded operator: backward adds up gradients here.</summary>
    public bool IsLeaf
    {
        get
        {
            int result = NativeAutograd.IsLeaf(Handle);
            GC.KeepAlive(this);
            return result != 0;
        }
    }

    /// <summary>
    /// The gradient that backward added up; null where there is none. Each read gives a new handle to the same
    /// tensor. Set to null to start over.
    /// </summary>
    public Tensor? Grad
    {
        get
        {
            int status = NativeAutograd.Grad(Handle, out nint gradient);
            if (status != 0)
            {
                TorchFailure.Throw(status, "grad", this);
            }

            GC.KeepAlive(this);
            return gradient == 0 ? null : Own(gradient);
        }

        set
        {
            int status = NativeAutograd.SetGrad(Handle, value is null ? 0 : value.Handle);
            if (status != 0)
            {
                TorchFailure.Throw(status, "grad", this, value);
            }

            GC.KeepAlive(value);
        }
    }

    /// <summary>The dtype and shape, such as <c>float32[2, 3]</c>.</summary>
    internal string Signature
    {
        get
        {
            if (IsDisposed)
            {
                return "freed";
            }

            var text = new StringBuilder(DType.Name()).Append('[');
            foreach (long size in Shape)
            {
                text.Append(text[^1] == '[' ? "" : ", ").Append(size);
            }

            return text.Append(']').ToString();
        }
    }

    /// <summary>The address that native calls take. Whoever passes it on keeps the tensor alive for the call.</summary>
    internal nint Handle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            nint handle = _handle;
            if (handle == 0)
            {
                ThrowDisposed();
            }

            return handle;
        }
    }

    internal TensorScope? Scope => _owner as TensorScope;

    /// <summary>Its place in its scope's list.</summary>
    internal int Slot { get; private set; }

    public static Tensor operator +(Tensor left, Tensor right) => left.Add(right);

    public static Tensor operator +(Tensor left, Scalar right) => left.Add(right);

    public static Tensor operator +(Scalar left, Tensor right) => right.Add(left);

    public static Tensor operator -(Tensor left, Tensor right) => left.Subtract(right);

    public static Tensor operator -(Tensor left, Scalar right) => left.Subtract(right);

    public static Tensor operator -(Scalar left, Tensor right) => right.SubtractFrom(left);

    public static Tensor operator -(Tensor tensor) => tensor.Negate();

    public static Tensor operator *(Tensor left, Tensor right) => left.Multiply(right);

    public static Tensor operator *(Tensor left, Scalar right) => left.Multiply(right);

    public static Tensor operator *(Scalar left, Tensor right) => right.Multiply(left);

    public static Tensor operator /(Tensor left, Tensor right) => left.Divide(right);

    public static Tensor operator /(Tensor left, Scalar right) => left.Divide(right);

    public static Tensor operator /(Scalar left, Tensor right) => TensorArithmetic.DivideFrom(right, left);

    public static Tensor operator %(Tensor left, Tensor right) => left.Remainder(right);

    public static Tensor operator %(Tensor left, Scalar right) => left.Remainder(right);

    public static Tensor operator <(Tensor left, Tensor right) => left.Lt(right);

    public static Tensor operator <(Tensor left, Scalar right) => left.Lt(right);

    public static Tensor operator >(Tensor left, Tensor right) => left.Gt(right);

    public static Tensor operator >(Tensor left, Scalar right) => left.Gt(right);

    public static Tensor operator <=(Tensor left, Tensor right) => left.Le(right);

    public static Tensor operator <=(Tensor left, Scalar right) => left.Le(right);

    public static Tensor operator >=(Tensor left, Tensor right) => left.Ge(right);

    public static Tensor operator >=(Tensor left, Scalar right) => left.Ge(right);

    /// <summary>
    /// A part of the tensor: <c>x[0]</c>, <c>x[^1]</c>, <c>x[1..3, ..]</c>, a tensor of indices or of truth values.
    /// Indices and ranges give views; tensors give copies. Setting copies into the part, with broadcasting.
    /// </summary>
    public Tensor this[params ReadOnlySpan<TensorIndex> indices]
    {
        get => TensorIndexing.Get(this, indices);
        set => TensorIndexing.Set(this, indices, value);
    }

    /// <summary>The size of one dimension; negative ones count from the end.</summary>
    public long Size(int dimension)
    {
        ReadOnlySpan<long> shape = Shape;
        int index = dimension < 0 ? dimension + shape.Length : dimension;
        return (uint)index < (uint)shape.Length
            ? shape[index]
            : throw new ArgumentOutOfRangeException(
                nameof(dimension), dimension, $"{Signature} has {shape.Length} dimensions.");
    }

    /// <summary>Frees the tensor now; it may be called twice.</summary>
    public void Dispose()
    {
        nint handle = Interlocked.Exchange(ref _handle, 0);
        if (handle == 0)
        {
            return;
        }

        switch (_owner)
        {
            case UnscopedOwner alone:
                alone.Dispose();
                break;
            case TensorScope scope:
                // Another thread's scope finds the handle gone when it ends.
                if (scope.IsOfThisThread)
                {
                    scope.Remove(this);
                }

                LiveTensors.Subtract(1);
                NativeTensors.Release(handle);
                break;
        }

        _owner = null;
    }

    /// <summary>Takes the tensor out of all scopes: from now on it lives until it is disposed or unreachable.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Persist()
    {
        _ = Handle;
        if (Scope is { } scope)
        {
            if (scope.IsOfThisThread)
            {
                scope.Remove(this);
                OwnAlone();
            }
            else
            {
                throw new InvalidOperationException(
                    $"{Signature} belongs to a TensorScope of another thread, which alone can give it up.");
            }
        }

        return this;
    }

    /// <summary>libtorch's own text: the elements, the dtype and the shape.</summary>
    public override unsafe string ToString()
    {
        if (IsDisposed)
        {
            return "Tensor (freed)";
        }

        TorchFailure.Check(NativeTensors.Text(Handle, out byte* text), "print");
        GC.KeepAlive(this);
        return NativeText.Taken(text) ?? "";
    }

    /// <summary>
    /// Makes the tensor of a handle, which it owns from now on, in this thread's scope if there is one.
    /// </summary>
    internal static Tensor Own(nint handle)
    {
        var tensor = new Tensor(handle);
        LiveTensors.Add(1);
        if (TensorScope.Current is { } scope)
        {
            scope.Add(tensor);
        }
        else
        {
            tensor._owner = new UnscopedOwner(handle);
        }

        return tensor;
    }

    /// <summary>Another handle to a tensor that native code lends for a callback.</summary>
    internal static Tensor Borrow(nint handle) => Own(NativeTensors.Retain(handle));

    /// <summary>A reference to the same tensor that native code takes over.</summary>
    internal nint Retain()
    {
        nint handle = NativeTensors.Retain(Handle);
        GC.KeepAlive(this);
        return handle;
    }

    /// <summary>For scopes: the tensor's place in one.</summary>
    internal void EnterScope(TensorScope scope, int slot)
    {
        if (_owner is UnscopedOwner alone)
        {
            alone.Forget();
        }

        _owner = scope;
        Slot = slot;
    }

    /// <summary>For scopes: gives the handle up, to be freed.</summary>
    internal nint LeaveScope()
    {
        _owner = null;
        return Interlocked.Exchange(ref _handle, 0);
    }

    /// <summary>For scopes: has the collector free it.</summary>
    internal void OwnAlone() => _owner = new UnscopedOwner(Handle);

    private static void ThrowDisposed() => throw new ObjectDisposedException(
        nameof(Tensor),
        "This tensor was freed: by its scope, or by Dispose. Use TensorScope.Keep for what shall outlive a scope.");
}
