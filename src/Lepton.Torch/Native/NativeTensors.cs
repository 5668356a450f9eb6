using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>
/// Making, reading and releasing tensors. Calls that only read a field of a tensor don't tell the collector, which
/// costs more than they do.
/// </summary>
internal static unsafe partial class NativeTensors
{
    private const string Library = NativeLibraryCalls.Library;

    [LibraryImport(Library, EntryPoint = "lt_tensor_retain")]
    public static partial nint Retain(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_release")]
    public static partial void Release(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_release_all")]
    public static partial void ReleaseAll(nint* tensors, long count);

    [LibraryImport(Library, EntryPoint = "lt_tensor_references")]
    public static partial long References(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_empty")]
    public static partial int Empty(long* shape, int dims, int dtype, int deviceType, int deviceIndex, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_tensor_full")]
    public static partial int Full(
        long* shape, int dims, NativeScalar value, int dtype, int deviceType, int deviceIndex, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_tensor_copy_in")]
    public static partial int CopyIn(void* data, long bytes, long* shape, int dims, int dtype, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_tensor_over")]
    public static partial int Over(
        void* data, long* shape, int dims, int dtype, nint context, delegate* unmanaged<nint, void> release,
        out nint result);

    [LibraryImport(Library, EntryPoint = "lt_tensor_copy_out")]
    public static partial int CopyOut(nint tensor, void* data, long bytes);

    [LibraryImport(Library, EntryPoint = "lt_tensor_data")]
    [SuppressGCTransition]
    public static partial void* Data(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_dims")]
    [SuppressGCTransition]
    public static partial int Dims(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_elements")]
    [SuppressGCTransition]
    public static partial long Elements(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_dtype")]
    [SuppressGCTransition]
    public static partial int DType(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_device_type")]
    [SuppressGCTransition]
    public static partial int DeviceType(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_device_index")]
    [SuppressGCTransition]
    public static partial int DeviceIndex(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_element_bytes")]
    [SuppressGCTransition]
    public static partial int ElementBytes(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_is_contiguous")]
    [SuppressGCTransition]
    public static partial int IsContiguous(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_storage_bytes")]
    [SuppressGCTransition]
    public static partial long StorageBytes(nint tensor);

    [LibraryImport(Library, EntryPoint = "lt_tensor_sizes")]
    [SuppressGCTransition]
    public static partial int Sizes(nint tensor, long* sizes, int capacity);

    [LibraryImport(Library, EntryPoint = "lt_tensor_strides")]
    [SuppressGCTransition]
    public static partial int Strides(nint tensor, long* strides, int capacity);

    [LibraryImport(Library, EntryPoint = "lt_tensor_item")]
    public static partial int Item(nint tensor, out NativeScalar value);

    [LibraryImport(Library, EntryPoint = "lt_tensor_text")]
    public static partial int Text(nint tensor, out byte* text);

    [LibraryImport(Library, EntryPoint = "lt_tensor_shares_storage")]
    [SuppressGCTransition]
    public static partial int SharesStorage(nint tensor, nint other);
}
