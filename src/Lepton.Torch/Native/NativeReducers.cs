using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>The reduction of gradients in buckets.</summary>
internal static unsafe partial class NativeReducers
{
    private const string Library = NativeLibraryCalls.Library;

    [LibraryImport(Library, EntryPoint = "lt_reducer_new")]
    public static partial int New(
        nint* parameters, byte** names, int count, nint group, NativeReducerOptions* options, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_reducer_release")]
    public static partial void Release(nint reducer);

    [LibraryImport(Library, EntryPoint = "lt_reducer_before_forward")]
    public static partial int BeforeForward(nint reducer);

    [LibraryImport(Library, EntryPoint = "lt_reducer_before_backward")]
    public static partial int BeforeBackward(nint reducer, nint* outputs, int count);

    [LibraryImport(Library, EntryPoint = "lt_reducer_hook")]
    public static partial int Hook(
        nint reducer, delegate* unmanaged<nint, NativeBucket*, nint*, int> hook, nint context,
        delegate* unmanaged<nint, void> release);

    [LibraryImport(Library, EntryPoint = "lt_reducer_builtin_hook")]
    public static partial int BuiltinHook(nint reducer, int kind);

    [LibraryImport(Library, EntryPoint = "lt_broadcast_coalesced")]
    public static partial int BroadcastCoalesced(nint group, nint* tensors, int count, long bucketBytes, int root);
}
