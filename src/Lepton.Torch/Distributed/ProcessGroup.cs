using Lepton.Torch.Native;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Torch.Distributed;

/// <summary>
/// Ranks, each a process or a thread, that exchange tensors: c10d over Gloo (CPU) or NCCL (CUDA). Each method starts a
/// collective and returns at once; its tensors must not be touched until the <see cref="Work"/> was waited for. All
/// ranks start the same collectives in the same order.
/// </summary>
/// <remarks>
/// Not thread safe: the collectives of a group are started by one thread at a time. Disposing a group while others
/// still wait for it breaks their connections.
/// </remarks>
public sealed class ProcessGroup : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly Store _store;
    private readonly string _name;
    private readonly GroupWaits _waits = new();
    private long _sequence;
    private long _collectives;

    private ProcessGroup(nint handle, Store store, int rank, int size, string backend, string name)
        : base(ownsHandle: true)
    {
        SetHandle(handle);
        (_store, _name) = (store, name);
        Rank = rank;
        Size = size;
        Backend = backend;
    }

    /// <summary>This rank, from 0.</summary>
    public int Rank { get; }

    /// <summary>The number of ranks.</summary>
    public int Size { get; }

    /// <summary><c>gloo</c>, <c>nccl</c>, or both: <c>cpu:gloo,cuda:nccl</c>.</summary>
    public string Backend { get; }

    /// <summary>The store that the ranks met at.</summary>
    public Store Store => _store;

    /// <summary>How many collectives this rank has started.</summary>
    public long Started => Interlocked.Read(ref _sequence);

    /// <summary>
    /// Bytes of tensors that this rank has sent to others through sockets; null where that is not known (NCCL, libtorch
    /// 2.x). What goes through shared memory is not among them.
    /// </summary>
    public long? BytesSent
    {
        get
        {
            long bytes = NativeGroups.GroupBytesSent(Handle);
            GC.KeepAlive(this);
            return bytes < 0 ? null : bytes;
        }
    }

    /// <summary>
    /// How far this rank has come in the group, and whom it waits for: for another thread that looks on. Where the
    /// group is disposed of in the meantime, that thread may be the one that closes it.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The group is disposed.</exception>
    public GroupProgress Progress
    {
        get
        {
            bool isHeld = false;
            try
            {
                DangerousAddRef(ref isHeld);
                return _waits.Progress(Interlocked.Read(ref _collectives) + NativeGroups.GroupBegun(handle));
            }
            finally
            {
                if (isHeld)
                {
                    DangerousRelease();
                }
            }
        }
    }

    /// <summary>Told of each collective that this rank starts, before it does; null for nobody.</summary>
    public Action<CollectiveInfo>? OnStart { get; set; }

    internal nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>
    /// Joins a group over Gloo, and over NCCL too where the options say so; returns when all ranks did.
    /// </summary>
    /// <exception cref="CollectiveException">Not all ranks came in time, or they can't reach each other.</exception>
    public static ProcessGroup Gloo(Store store, int rank, int size, ProcessGroupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new ProcessGroupOptions();
        options.Validate(rank, size);
        int status = NativeGroups.GroupGloo(
            store.Handle, rank, size, Store.Milliseconds(options.Timeout), options.Host, options.Threads,
            options.SharesMemory ? 1 : 0, options.SendBytesPerSecondMax ?? 0, out nint group);
        CollectiveFailure.Check(status, $"Joining the group as rank {rank} of {size}");
        GC.KeepAlive(store);
        var made = new ProcessGroup(
            group, store, rank, size, options.UsesNccl ? "cpu:gloo,cuda:nccl" : "gloo", options.Name);
        if (options.UsesNccl)
        {
            made.AddNccl(options);
        }

        return made;
    }

    /// <summary>Joins a group over NCCL alone, for tensors on this rank's GPU.</summary>
    /// <exception cref="CollectiveException">This build has no NCCL, or not all ranks came in time.</exception>
    public static ProcessGroup Nccl(Store store, int rank, int size, ProcessGroupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new ProcessGroupOptions();
        options.Validate(rank, size);
        int status = NativeGroups.GroupNccl(
            store.Handle, rank, size, Store.Milliseconds(options.Timeout), out nint group);
        CollectiveFailure.Check(status, $"Joining the group as rank {rank} of {size}");
        GC.KeepAlive(store);
        return new ProcessGroup(group, store, rank, size, "nccl", options.Name);
    }

    /// <summary>All ranks' tensors become one, which every rank has then, in place.</summary>
    public unsafe Work AllReduce(
        Tensor tensor, ReduceOperation operation = ReduceOperation.Sum, TimeSpan? timeout = null)
    {
        CollectiveInfo info = Next("all_reduce", tensor);
        nint tensorHandle = tensor.Handle;
        int status = NativeGroups.AllReduce(
            Handle, &tensorHandle, 1, (int)operation, Limit(timeout), out nint work);
        return Begun(status, work, info, [tensor], timeout);
    }

    /// <summary>
    /// As <see cref="AllReduce(Tensor, ReduceOperation, TimeSpan?)"/>, several tensors of one dtype at once.
    /// </summary>
    public unsafe Work AllReduce(
        ReadOnlySpan<Tensor> tensors, ReduceOperation operation = ReduceOperation.Sum, TimeSpan? timeout = null)
    {
        CollectiveInfo info = Next("all_reduce_coalesced", tensors);
        using var handles = new HandleList(tensors);
        fixed (nint* pointer = handles.Span)
        {
            int status = NativeGroups.AllReduce(
                Handle, pointer, handles.Count, (int)operation, Limit(timeout), out nint work);
            return Begun(status, work, info, tensors.ToArray(), timeout);
        }
    }

    /// <summary>All ranks' tensors become one, which the root has then, in place; the others' are undefined.</summary>
    public Work Reduce(
        Tensor tensor, int root, ReduceOperation operation = ReduceOperation.Sum, TimeSpan? timeout = null)
    {
        CollectiveInfo info = Next("reduce", tensor);
        int status = NativeGroups.Reduce(
            Handle, tensor.Handle, root, (int)operation, Limit(timeout), out nint work);
        return Begun(status, work, info, [tensor], timeout);
    }

    /// <summary>The root's tensor becomes everybody's, in place.</summary>
    public Work Broadcast(Tensor tensor, int root, TimeSpan? timeout = null)
    {
        CollectiveInfo info = Next("broadcast", tensor);
        int status = NativeGroups.Broadcast(Handle, tensor.Handle, root, Limit(timeout), out nint work);
        return Begun(status, work, info, [tensor], timeout);
    }

    /// <summary>Every rank gets every rank's tensor, in the order of ranks.</summary>
    public unsafe Work AllGather(ReadOnlySpan<Tensor> outputs, Tensor input, TimeSpan? timeout = null)
    {
        RequireOneEach(outputs, nameof(outputs));
        CollectiveInfo info = Next("all_gather", input);
        using var handles = new HandleList(outputs);
        fixed (nint* pointer = handles.Span)
        {
            int status = NativeGroups.AllGather(Handle, pointer, input.Handle, Limit(timeout), out nint work);
            return Begun(status, work, info, [.. outputs, input], timeout);
        }
    }

    /// <summary>The root gets every rank's tensor; <paramref name="outputs"/> is empty elsewhere.</summary>
    public unsafe Work Gather(ReadOnlySpan<Tensor> outputs, Tensor input, int root, TimeSpan? timeout = null)
    {
        RequireAtRoot(outputs, root, nameof(outputs));
        CollectiveInfo info = Next("gather", input);
        using var handles = new HandleList(outputs);
        fixed (nint* pointer = handles.Span)
        {
            int status = NativeGroups.GatherTo(
                Handle, Rank == root ? pointer : null, input.Handle, root, Limit(timeout), out nint work);
            return Begun(status, work, info, [.. outputs, input], timeout);
        }
    }

    /// <summary>Each rank gets its own of the root's tensors; <paramref name="inputs"/> is empty elsewhere.</summary>
    public unsafe Work Scatter(Tensor output, ReadOnlySpan<Tensor> inputs, int root, TimeSpan? timeout = null)
    {
        RequireAtRoot(inputs, root, nameof(inputs));
        CollectiveInfo info = Next("scatter", output);
        using var handles = new HandleList(inputs);
        fixed (nint* pointer = handles.Span)
        {
            int status = NativeGroups.ScatterFrom(
                Handle, output.Handle, Rank == root ? pointer : null, root, Limit(timeout), out nint work);
            return Begun(status, work, info, [.. inputs, output], timeout);
        }
    }

    /// <summary>
    /// The reduction of what all ranks hold in <paramref name="inputs"/> at this rank's place. Over Gloo, which has
    /// none, the parts are exchanged and reduced when the work is waited for: as many bytes move.
    /// </summary>
    public unsafe Work ReduceScatter(
        Tensor output, ReadOnlySpan<Tensor> inputs, ReduceOperation operation = ReduceOperation.Sum,
        TimeSpan? timeout = null)
    {
        RequireOneEach(inputs, nameof(inputs));
        CollectiveInfo info = Next("reduce_scatter", output);
        using var handles = new HandleList(inputs);
        fixed (nint* pointer = handles.Span)
        {
            int status = NativeGroups.ReduceScatter(
                Handle, output.Handle, pointer, (int)operation, Limit(timeout), out nint work);
            return Begun(status, work, info, [.. inputs, output], timeout);
        }
    }

    /// <summary>
    /// Sends each rank its rows of <paramref name="input"/>, and gets rows of <paramref name="output"/> from each.
    /// </summary>
    /// <param name="output">What comes.</param>
    /// <param name="input">What goes.</param>
    /// <param name="outputRows">How many rows come from each rank; empty: as many from each.</param>
    /// <param name="inputRows">How many rows go to each rank; empty: as many to each.</param>
    /// <param name="timeout">Null: the group's.</param>
    public unsafe Work AllToAll(
        Tensor output, Tensor input, ReadOnlySpan<long> outputRows = default, ReadOnlySpan<long> inputRows = default,
        TimeSpan? timeout = null)
    {
        if (outputRows.Length != inputRows.Length || (outputRows.Length != 0 && outputRows.Length != Size))
        {
            throw new ArgumentException(
                $"A group of {Size} takes {Size} counts of rows for each direction, or none.", nameof(outputRows));
        }

        // Where counts are given, each rank's shapes are its own.
        CollectiveInfo info = outputRows.IsEmpty ? Next("all_to_all", [output, input]) : Next("all_to_all", []);
        fixed (long* coming = outputRows)
        fixed (long* going = inputRows)
        {
            int status = NativeGroups.AllToAll(
                Handle, output.Handle, input.Handle, coming, going, Limit(timeout), out nint work);
            return Begun(status, work, info, [output, input], timeout);
        }
    }

    /// <summary>
    /// Sends a tensor to a rank that receives it with the same tag. <see cref="OnStart"/> is not told, as not all do
    /// it.
    /// </summary>
    public Work Send(Tensor tensor, int destination, int tag = 0)
    {
        CollectiveInfo info = Count($"send to {destination}", tensor);
        int status = NativeGroups.Send(Handle, tensor.Handle, destination, tag, out nint work);
        return Begun(status, work, info, [tensor], null, destination);
    }

    /// <summary>
    /// Receives a tensor from a rank, or from whoever sends with the tag where it is null. <see cref="OnStart"/> is not
    /// told, as not all do it.
    /// </summary>
    public Work Receive(Tensor tensor, int? source, int tag = 0)
    {
        CollectiveInfo info = Count($"receive from {source?.ToString(null, null) ?? "any"}", tensor);
        int status = NativeGroups.Receive(Handle, tensor.Handle, source ?? -1, tag, out nint work);
        return Begun(status, work, info, [tensor], null, source ?? GroupProgress.Anybody);
    }

    /// <summary>Is done when all ranks have called it.</summary>
    public Work Barrier(TimeSpan? timeout = null)
    {
        CollectiveInfo info = Next("barrier", []);
        int status = NativeGroups.Barrier(Handle, Limit(timeout), out nint work);
        return Begun(status, work, info, [], timeout);
    }

    /// <summary>
    /// Makes all ranks' tensors those of the root, in place, many at a time: how a model's replicas start equal.
    /// Blocks.
    /// </summary>
    public unsafe void BroadcastCoalesced(
        ReadOnlySpan<Tensor> tensors, int root = 0, long bucketBytes = 250L * 1024 * 1024)
    {
        CollectiveInfo info = Next("broadcast_coalesced", tensors);
        using var handles = new HandleList(tensors);
        fixed (nint* pointer = handles.Span)
        {
            nint group = Handle;
            _waits.Begin(GroupProgress.Everybody);
            int status = NativeReducers.BroadcastCoalesced(group, pointer, handles.Count, bucketBytes, root);
            _waits.End();
            CollectiveFailure.Check(status, "", info);
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeGroups.GroupRelease(handle);
        return true;
    }

    private void AddNccl(ProcessGroupOptions options)
    {
        using Store store = _store.WithPrefix("nccl");
        int status = NativeGroups.GroupAddNccl(Handle, store.Handle, Store.Milliseconds(options.Timeout));
        try
        {
            CollectiveFailure.Check(status, $"Joining over NCCL as rank {Rank} of {Size}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static long Limit(TimeSpan? timeout) => timeout is { } given ? Store.Milliseconds(given) : -1;

    private CollectiveInfo Next(string operation, params ReadOnlySpan<Tensor> tensors)
    {
        CollectiveInfo info = Count(operation, tensors);
        OnStart?.Invoke(info);
        Interlocked.Increment(ref _collectives);
        return info;
    }

    private CollectiveInfo Count(string operation, params ReadOnlySpan<Tensor> tensors) => new(
        Interlocked.Increment(ref _sequence), operation, Rank, Errors.TorchFailure.Describe(tensors))
    {
        Group = _name,
    };

    private Work Begun(
        int status, nint work, CollectiveInfo info, Tensor[] tensors, TimeSpan? timeout,
        int awaited = GroupProgress.Everybody)
    {
        CollectiveFailure.Check(status, "", info);
        GC.KeepAlive(this);
        return new Work(work, info, tensors, timeout, _waits, awaited);
    }

    private void RequireOneEach(ReadOnlySpan<Tensor> tensors, string name)
    {
        if (tensors.Length != Size)
        {
            throw new ArgumentException($"A group of {Size} takes {Size} tensors here, not {tensors.Length}.", name);
        }
    }

    private void RequireAtRoot(ReadOnlySpan<Tensor> tensors, int root, string name)
    {
        int wanted = Rank == root ? Size : 0;
        if (tensors.Length != wanted)
        {
            throw new ArgumentException(
                $"Rank {Rank} gives {wanted} tensors here, as the root is {root}; {tensors.Length} were given.", name);
        }
    }
}
