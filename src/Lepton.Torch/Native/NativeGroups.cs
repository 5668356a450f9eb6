using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>Process groups, their collectives, and futures.</summary>
internal static unsafe partial class NativeGroups
{
    private const string Library = NativeLibraryCalls.Library;

    [LibraryImport(Library, EntryPoint = "lt_group_gloo", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GroupGloo(
        nint store, int rank, int size, long timeoutMs, string? host, int threads, int sharesMemory,
        long sendBytesPerSecond, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_group_bytes_sent")]
    public static partial long GroupBytesSent(nint group);

    [LibraryImport(Library, EntryPoint = "lt_group_begun")]
    public static partial long GroupBegun(nint group);

    [LibraryImport(Library, EntryPoint = "lt_group_nccl")]
    public static partial int GroupNccl(nint store, int rank, int size, long timeoutMs, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_group_add_nccl")]
    public static partial int GroupAddNccl(nint group, nint store, long timeoutMs);

    [LibraryImport(Library, EntryPoint = "lt_group_release")]
    public static partial void GroupRelease(nint group);

    [LibraryImport(Library, EntryPoint = "lt_all_reduce")]
    public static partial int AllReduce(
        nint group, nint* tensors, int count, int operation, long timeoutMs, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_reduce")]
    public static partial int Reduce(nint group, nint tensor, int root, int operation, long timeoutMs, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_broadcast")]
    public static partial int Broadcast(nint group, nint tensor, int root, long timeoutMs, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_all_gather")]
    public static partial int AllGather(nint group, nint* outputs, nint input, long timeoutMs, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_gather_to")]
    public static partial int GatherTo(nint group, nint* outputs, nint input, int root, long timeoutMs, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_scatter_from")]
    public static partial int ScatterFrom(
        nint group, nint output, nint* inputs, int root, long timeoutMs, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_reduce_scatter")]
    public static partial int ReduceScatter(
        nint group, nint output, nint* inputs, int operation, long timeoutMs, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_all_to_all")]
    public static partial int AllToAll(
        nint group, nint output, nint input, long* outputRows, long* inputRows, long timeoutMs, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_send")]
    public static partial int Send(nint group, nint tensor, int destination, int tag, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_receive")]
    public static partial int Receive(nint group, nint tensor, int source, int tag, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_barrier")]
    public static partial int Barrier(nint group, long timeoutMs, out nint work);

    [LibraryImport(Library, EntryPoint = "lt_work_release")]
    public static partial void WorkRelease(nint work);

    [LibraryImport(Library, EntryPoint = "lt_work_is_completed")]
    public static partial int WorkIsCompleted(nint work);

    [LibraryImport(Library, EntryPoint = "lt_work_wait")]
    public static partial int WorkWait(nint work, long timeoutMs);

    [LibraryImport(Library, EntryPoint = "lt_work_abort")]
    public static partial int WorkAbort(nint work);

    [LibraryImport(Library, EntryPoint = "lt_work_source")]
    public static partial int WorkSource(nint work, out int rank);

    [LibraryImport(Library, EntryPoint = "lt_work_future")]
    public static partial int WorkFuture(nint work, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_future_new")]
    public static partial int FutureNew(int deviceType, int deviceIndex, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_future_release")]
    public static partial void FutureRelease(nint future);

    [LibraryImport(Library, EntryPoint = "lt_future_complete")]
    public static partial int FutureComplete(nint future, nint value);

    [LibraryImport(Library, EntryPoint = "lt_future_fail", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FutureFail(nint future, string message);

    [LibraryImport(Library, EntryPoint = "lt_future_is_completed")]
    public static partial int FutureIsCompleted(nint future);

    [LibraryImport(Library, EntryPoint = "lt_future_wait")]
    public static partial int FutureWait(nint future, out nint value);

    [LibraryImport(Library, EntryPoint = "lt_future_then")]
    public static partial int FutureThen(
        nint future, delegate* unmanaged<nint, nint, nint*, int> next, nint context,
        delegate* unmanaged<nint, void> release, out nint result);
}
