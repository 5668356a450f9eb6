using Lepton.Torch.Errors;
using Lepton.Torch.Native;

namespace Lepton.Torch;

/// <summary>
/// The native library behind <see cref="Torch"/>: whether it is there, which libtorch it is, its threads.
/// </summary>
public static class TorchLibrary
{
    /// <summary>
    /// The environment variable that names the native library's file, where it is not in one of the places that
    /// <see cref="Path"/> looks at.
    /// </summary>
    public const string PathVariable = "LEPTON_TORCH_LIBRARY";

    /// <summary>The name of the native library's file on this system.</summary>
    public static string FileName => LibraryLocator.FileName;

    /// <summary>Where the native library lies; null where there is none. Loads nothing.</summary>
    public static string? Path => LibraryLocator.Find();

    /// <summary>The version of libtorch, such as <c>1.13.0</c>.</summary>
    public static unsafe string Version => NativeText.Borrowed(NativeLibraryCalls.Version());

    /// <summary>What libtorch says of how it was built and of its threads; many lines.</summary>
    public static unsafe string BuildInfo
    {
        get
        {
            TorchFailure.Check(NativeLibraryCalls.BuildInfo(out byte* text), "build info");
            return NativeText.Taken(text) ?? "";
        }
    }

    /// <summary>Threads that one operator may use; 1 or more.</summary>
    public static int Threads
    {
        get
        {
            TorchFailure.Check(NativeLibraryCalls.ThreadsGet(out int count), "threads");
            return count;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            TorchFailure.Check(NativeLibraryCalls.ThreadsSet(value), "threads");
        }
    }

    /// <summary>Threads for independent operators; can be set once, before they are used.</summary>
    public static int InteropThreads
    {
        get
        {
            TorchFailure.Check(NativeLibraryCalls.InteropThreadsGet(out int count), "interop threads");
            return count;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            TorchFailure.Check(NativeLibraryCalls.InteropThreadsSet(value), "interop threads");
        }
    }

    /// <summary>Loads the library.</summary>
    /// <exception cref="TorchLibraryException">It is missing or unusable; the message says how to get it.</exception>
    public static void Require() => LibraryLocator.Require();

    /// <summary>
    /// Whether collectives can go over a backend, <c>gloo</c> or <c>nccl</c>; and, for <c>cuda</c>, whether the native
    /// library was built for GPUs, whether or not there is one.
    /// </summary>
    public static bool HasBackend(string name) => NativeLibraryCalls.HasBackend(name) != 0;
}
