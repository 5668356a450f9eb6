using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>
/// The shim's calls about itself. What each does is written in <c>lepton_torch.h</c>, here and in the other classes
/// of this folder. Partial because the marshalling code is generated.
/// </summary>
internal static unsafe partial class NativeLibraryCalls
{
    /// <summary>The name that the imports of this folder go by; <see cref="LibraryLocator"/> finds the file.</summary>
    public const string Library = "lepton_torch";

    /// <summary><c>LT_ABI</c> of the header that these imports were written to.</summary>
    public const int Abi = 6;

    [LibraryImport(Library, EntryPoint = "lt_last_error")]
    public static partial byte* LastError();

    [LibraryImport(Library, EntryPoint = "lt_version")]
    public static partial byte* Version();

    [LibraryImport(Library, EntryPoint = "lt_build_info")]
    public static partial int BuildInfo(out byte* text);

    [LibraryImport(Library, EntryPoint = "lt_free")]
    public static partial void Free(void* buffer);

    [LibraryImport(Library, EntryPoint = "lt_alloc")]
    public static partial void* Alloc(nuint bytes);

    [LibraryImport(Library, EntryPoint = "lt_has_backend", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int HasBackend(string name);

    [LibraryImport(Library, EntryPoint = "lt_threads_get")]
    public static partial int ThreadsGet(out int count);

    [LibraryImport(Library, EntryPoint = "lt_threads_set")]
    public static partial int ThreadsSet(int count);

    [LibraryImport(Library, EntryPoint = "lt_interop_threads_get")]
    public static partial int InteropThreadsGet(out int count);

    [LibraryImport(Library, EntryPoint = "lt_interop_threads_set")]
    public static partial int InteropThreadsSet(int count);
}
