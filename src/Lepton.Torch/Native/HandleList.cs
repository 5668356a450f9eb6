using System.Buffers;

namespace Lepton.Torch.Native;

/// <summary>
/// The handles of several tensors as native calls take them. The tensors are the caller's to keep alive for the call.
/// </summary>
internal readonly ref struct HandleList
{
    private readonly nint[] _handles;
    private readonly int _count;

    public HandleList(ReadOnlySpan<Tensor> tensors)
    {
        _count = tensors.Length;
        _handles = ArrayPool<nint>.Shared.Rent(_count);
        for (int i = 0; i < _count; i++)
        {
            _handles[i] = tensors[i].Handle;
        }
    }

    /// <summary>With 0 where a tensor is missing.</summary>
    public static HandleList OfOptional(ReadOnlySpan<Tensor?> tensors) => new(tensors, default);

    private HandleList(ReadOnlySpan<Tensor?> tensors, bool _)
    {
        _count = tensors.Length;
        _handles = ArrayPool<nint>.Shared.Rent(_count);
        for (int i = 0; i < _count; i++)
        {
            _handles[i] = OperatorCalls.HandleOf(tensors[i]);
        }
    }

    public int Count => _count;

    public Span<nint> Span => _handles.AsSpan(0, _count);

    public unsafe int Cat(int dimension, out nint result)
    {
        fixed (nint* pointer = _handles)
        {
            return NativeOperators.Cat(pointer, _count, dimension, out result);
        }
    }

    public unsafe int Stack(int dimension, out nint result)
    {
        fixed (nint* pointer = _handles)
        {
            return NativeOperators.Stack(pointer, _count, dimension, out result);
        }
    }

    public void Dispose() => ArrayPool<nint>.Shared.Return(_handles);
}
