using Lepton.Torch.Memory;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// Frees, when it is disposed, all tensors that its thread made since it was opened: what a training step makes goes
/// with the step, without waiting for the garbage collector.
/// <code>
/// using (new TensorScope())
/// {
///     Tensor loss = Functional.CrossEntropy(model.Forward(x), y);
///     loss.Backward();
///     total += loss.ToDouble();
/// }
/// </code>
/// </summary>
/// <remarks>
/// Scopes nest. A tensor belongs to the innermost scope of the thread that made it; <see cref="Keep"/> moves it to the
/// scope around, <see cref="Tensor.Persist"/> out of all scopes. Tensors made outside of any scope are freed by
/// <see cref="Tensor.Dispose"/> or by the garbage collector. A scope is disposed on its own thread, in the reverse
/// order of opening; it does not follow an <c>await</c>.
/// </remarks>
public sealed class TensorScope : IDisposable
{
    private const int ReleasedAtOnce = 256;

    [ThreadStatic]
    private static TensorScope? t_current;

    private readonly TensorScope? _outer;
    private readonly int _threadId = Environment.CurrentManagedThreadId;
    private Tensor[] _tensors = new Tensor[64];
    private int _count;
    private bool _isDisposed;

    /// <summary>Opens a scope on this thread.</summary>
    public TensorScope()
    {
        _outer = t_current;
        t_current = this;
    }

    /// <summary>A thread that ended with the scope open: nobody else could have disposed it.</summary>
    ~TensorScope() => Release();

    /// <summary>The innermost scope of this thread; null outside of any.</summary>
    public static TensorScope? Current => t_current;

    /// <summary>How many tensors it would free now.</summary>
    public int Count => _count;

    internal bool IsOfThisThread => _threadId == Environment.CurrentManagedThreadId;

    /// <summary>
    /// Bytes of memory behind the tensors that it would free now; what several of them share counts once. O(n²) in
    /// their number: for measuring a model, not for its steps.
    /// </summary>
    /// <param name="known">Tensors whose memory does not count.</param>
    public long StorageBytes(params ReadOnlySpan<Tensor> known)
    {
        long bytes = 0;
        var counted = new List<Tensor>(known.ToArray());
        for (int i = 0; i < _count; i++)
        {
            Tensor tensor = _tensors[i];
            if (!counted.Exists(other => other.SharesStorage(tensor)))
            {
                counted.Add(tensor);
                bytes += NativeTensors.StorageBytes(tensor.Handle);
            }
        }

        return bytes;
    }

    /// <summary>Runs a function in a scope of its own; its result alone outlives it.</summary>
    public static Tensor Run(Func<Tensor> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        using var scope = new TensorScope();
        return scope.Keep(body());
    }

    /// <summary>
    /// Moves a tensor of this scope to the scope around it, or out of all scopes where there is none.
    /// </summary>
    /// <returns>The same tensor. One of another scope stays where it is.</returns>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (ReferenceEquals(tensor.Scope, this))
        {
            Remove(tensor);
            if (_outer is null)
            {
                tensor.OwnAlone();
            }
            else
            {
                _outer.Add(tensor);
            }
        }

        return tensor;
    }

    /// <summary>Frees the scope's tensors.</summary>
    /// <exception cref="InvalidOperationException">
    /// Another thread opened it, or a scope that was opened within it is still open.
    /// </exception>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        if (!ReferenceEquals(t_current, this))
        {
            throw new InvalidOperationException(IsOfThisThread
                ? "A TensorScope was disposed before one that was opened within it. Dispose the inner one first; " +
                    "'using' does."
                : "A TensorScope was disposed on another thread than the one that opened it. Keep it within one " +
                    "method without 'await'.");
        }

        _isDisposed = true;
        t_current = _outer;
        GC.SuppressFinalize(this);
        Release();
    }

    /// <summary>Takes over a tensor that belongs to nobody.</summary>
    internal void Add(Tensor tensor)
    {
        if (_count == _tensors.Length)
        {
            Array.Resize(ref _tensors, _count * 2);
        }

        tensor.EnterScope(this, _count);
        _tensors[_count++] = tensor;
    }

    /// <summary>Gives a tensor up. Only from the scope's own thread.</summary>
    internal void Remove(Tensor tensor)
    {
        int slot = tensor.Slot;
        Tensor last = _tensors[--_count];
        _tensors[_count] = null!;
        if (!ReferenceEquals(last, tensor))
        {
            _tensors[slot] = last;
            last.EnterScope(this, slot);
        }
    }

    private unsafe void Release()
    {
        nint* handles = stackalloc nint[ReleasedAtOnce];
        int filled = 0;
        for (int i = 0; i < _count; i++)
        {
            nint handle = _tensors[i].LeaveScope();
            if (handle == 0)
            {
                continue;
            }

            handles[filled++] = handle;
            if (filled == ReleasedAtOnce)
            {
                NativeTensors.ReleaseAll(handles, filled);
                LiveTensors.Subtract(filled);
                filled = 0;
            }
        }

        if (filled > 0)
        {
            NativeTensors.ReleaseAll(handles, filled);
            LiveTensors.Subtract(filled);
        }

        _count = 0;
        _tensors = [];
    }
}
