using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>CUDA devices.</summary>
internal static unsafe partial class NativeCuda
{
    private const string Library = NativeLibraryCalls.Library;

    [LibraryImport(Library, EntryPoint = "lt_cuda_device_count")]
    public static partial int DeviceCount(out int count);

    [LibraryImport(Library, EntryPoint = "lt_cuda_device_name")]
    public static partial int DeviceName(int index, out byte* text);

    [LibraryImport(Library, EntryPoint = "lt_cuda_synchronize")]
    public static partial int Synchronize(int index);

    [LibraryImport(Library, EntryPoint = "lt_cuda_memory_of")]
    public static partial int MemoryOf(int index, out CudaMemory memory);

    [LibraryImport(Library, EntryPoint = "lt_cuda_empty_cache")]
    public static partial int EmptyCache();

    [LibraryImport(Library, EntryPoint = "lt_cuda_allow_tf32")]
    public static partial int AllowTF32(int allowed);
}
