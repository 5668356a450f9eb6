using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>Contexts of callbacks: .NET objects that native code holds by a handle and gives back once.</summary>
internal static unsafe class NativeCallbacks
{
    /// <summary>What native code calls to give a context back; disposes of it where it can be.</summary>
    public static delegate* unmanaged<nint, void> Release => &OnRelease;

    /// <summary>A handle that keeps an object alive until <see cref="Free"/>.</summary>
    public static nint Hold(object context) => GCHandle.ToIntPtr(GCHandle.Alloc(context));

    /// <summary>The object of a handle.</summary>
    public static T Get<T>(nint context)
        where T : class => (T)GCHandle.FromIntPtr(context).Target!;

    /// <summary>Gives an object up.</summary>
    public static void Free(nint context)
    {
        var handle = GCHandle.FromIntPtr(context);
        (handle.Target as IDisposable)?.Dispose();
        handle.Free();
    }

    [UnmanagedCallersOnly]
    private static void OnRelease(nint context) => Free(context);
}
