using System.Runtime.InteropServices;
using Lepton.Core.Hashing;
using Lepton.Torch.Errors;
using Lepton.Torch.Native;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Torch.Distributed;

/// <summary>
/// Averages the gradients of a model's replicas while backward still runs: c10d's <c>Reducer</c>, the engine of
/// PyTorch's DistributedDataParallel. Gradients are collected in buckets, and a bucket is sent as soon as it is full.
/// </summary>
/// <remarks>
/// A step: <see cref="BeforeForward"/>, forward, <see cref="BeforeBackward"/>, backward. A backward without
/// <see cref="BeforeBackward"/> adds gradients up on this rank alone (for several batches a step). Not thread safe.
/// Dispose of it before its group.
/// </remarks>
public sealed unsafe class Reducer : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly ProcessGroup _group;
    private readonly Dictionary<nint, int> _places;

    private Reducer(nint handle, ProcessGroup group, Dictionary<nint, int> places)
        : base(ownsHandle: true)
    {
        SetHandle(handle);
        _group = group;
        _places = places;
    }

    private nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>
    /// Makes a reducer; all ranks do, with the same parameters in the same order, which is checked. It does not make
    /// the parameters equal: <see cref="ProcessGroup.BroadcastCoalesced"/> does.
    /// </summary>
    /// <param name="parameters">Leaves that require gradients.</param>
    /// <param name="group">The replicas.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="names">The parameters' names, for errors; none, or one for each.</param>
    /// <exception cref="CollectiveException">The ranks' parameters differ.</exception>
    public static Reducer Create(
        ReadOnlySpan<Tensor> parameters, ProcessGroup group, ReducerOptions? options = null,
        ReadOnlySpan<string> names = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        if (!names.IsEmpty && names.Length != parameters.Length)
        {
            throw new ArgumentException($"{parameters.Length} parameters have {names.Length} names.", nameof(names));
        }

        NativeReducerOptions native = (options ?? new ReducerOptions()).ToNative();
        RequireSameOnAllRanks(parameters, group);
        using var handles = new HandleList(parameters);
        using var texts = new Utf8Strings(names);
        fixed (nint* pointer = handles.Span)
        {
            int status = NativeReducers.New(
                pointer, names.IsEmpty ? null : texts.Pointers, handles.Count, group.Handle, &native,
                out nint reducer);
            CollectiveFailure.Check(status, "Making a reducer");
            GC.KeepAlive(group);
            var places = new Dictionary<nint, int>();
            for (int i = 0; i < handles.Count; i++)
            {
                places[pointer[i]] = i;
            }

            return new Reducer(reducer, group, places);
        }
    }

    /// <summary>Readies a step; after the first one it sorts the buckets by when their gradients came.</summary>
    public void BeforeForward()
    {
        CollectiveFailure.Check(NativeReducers.BeforeForward(Handle), "Readying the buckets");
        GC.KeepAlive(this);
        GC.KeepAlive(_group);
    }

    /// <summary>Has the next backward reduce gradients.</summary>
    /// <param name="outputs">
    /// What forward gave and backward starts from; needed where <see cref="ReducerOptions.FindUnused"/> is on.
    /// </param>
    public void BeforeBackward(params ReadOnlySpan<Tensor> outputs)
    {
        using var handles = new HandleList(outputs);
        fixed (nint* pointer = handles.Span)
        {
            CollectiveFailure.Check(
                NativeReducers.BeforeBackward(Handle, pointer, handles.Count), "Readying the reduction");
        }

        GC.KeepAlive(this);
        GC.KeepAlive(_group);
    }

    /// <summary>
    /// Has a function reduce each bucket, in the place of the all-reduce that averages. Once, before the first
    /// backward.
    /// </summary>
    /// <param name="hook">
    /// Starts the reduction and gives a future of the buffer's new content, of its shape. Called on the thread of
    /// backward; what it throws comes out of backward.
    /// </param>
    public void SetHook(Func<GradientBucket, TensorFuture> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        int status = NativeReducers.Hook(
            Handle, &OnBucket, NativeCallbacks.Hold(new BucketHook(hook, _places)), NativeCallbacks.Release);
        CollectiveFailure.Check(status, "Setting a hook");
        GC.KeepAlive(this);
    }

    /// <summary>Has libtorch send gradients in half precision: half the bytes, and less exact sums.</summary>
    public void CompressToFloat16()
    {
        CollectiveFailure.Check(NativeReducers.BuiltinHook(Handle, 1), "Setting a hook");
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeReducers.Release(handle);
        return true;
    }

    // c10d compares with rank 0 only, so that rank 0 itself would not fail but wait for the others, who are gone.
    private static void RequireSameOnAllRanks(ReadOnlySpan<Tensor> parameters, ProcessGroup group)
    {
        long[] mine = [parameters.Length, (long)StableHash.OfString(TorchFailure.Describe(parameters))];
        using var scope = new TensorScope();
        Tensor[] all = new Tensor[group.Size];
        for (int rank = 0; rank < all.Length; rank++)
        {
            all[rank] = Torch.Zeros([mine.Length], DType.Int64);
        }

        using Work work = group.AllGather(all, Torch.From<long>(mine));
        work.Wait();
        string[] others = [.. all.Select(static (part, rank) => (Values: part.ToArray<long>(), Rank: rank))
            .Where(other => !other.Values.AsSpan().SequenceEqual(mine))
            .Select(static other => $"rank {other.Rank} ({other.Values[0]} parameters)")];
        if (others.Length > 0)
        {
            throw new CollectiveException(
                CollectiveFault.Refused,
                $"The replicas' parameters differ: rank {group.Rank} has {mine[0]} parameters, and other ones than " +
                $"{string.Join(", ", others)}. All ranks must give the same parameters, of the same shapes and " +
                "dtypes, in the same order.");
        }
    }

    [UnmanagedCallersOnly]
    private static int OnBucket(nint context, NativeBucket* bucket, nint* result)
    {
        try
        {
            using var scope = new TensorScope();
            BucketHook hook = NativeCallbacks.Get<BucketHook>(context);
            var parameters = new Tensor[bucket->ParameterCount];
            int[] places = new int[parameters.Length];
            for (int i = 0; i < parameters.Length; i++)
            {
                places[i] = hook.Places[bucket->Parameters[i]];
                parameters[i] = Tensor.Borrow(bucket->Parameters[i]);
            }

            var told = new GradientBucket(
                bucket->Index, bucket->IsLast != 0, Tensor.Borrow(bucket->Buffer), parameters, places);
            *result = hook.Reduce(told).Detach();
            return (int)NativeStatus.Ok;
        }
        catch (Exception e)
        {
            // Nothing may be thrown into native code; the exception surfaces in backward.
            return CallbackFaults.Keep(e);
        }
    }

    private sealed record BucketHook(Func<GradientBucket, TensorFuture> Reduce, IReadOnlyDictionary<nint, int> Places);
}
