using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>
/// Finds and loads the shim, once: where <c>LEPTON_TORCH_LIBRARY</c> points, beside the assembly, or where
/// <c>lepton native build</c> puts it in a checkout.
/// </summary>
internal static unsafe class LibraryLocator
{
    private const string HowToGet =
        "Build it with: lepton native build (on Debian it needs libtorch-dev libgloo-dev cmake g++; with another " +
        "libtorch: --libtorch DIR)";

    private static readonly Lazy<nint> s_library = new(static () => LoadFrom(Find()));

    /// <summary>The file's name on this system.</summary>
    public static string FileName =>
        OperatingSystem.IsWindows() ? "lepton_torch.dll"
        : OperatingSystem.IsMacOS() ? "liblepton_torch.dylib"
        : "liblepton_torch.so";

    /// <summary>Has the imports of this assembly go through here.</summary>
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Usage", "CA2255", Justification = "Imports must resolve before any type of the library is touched.")]
    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(typeof(LibraryLocator).Assembly, Resolve);

    /// <summary>Loads the shim, or throws <see cref="TorchLibraryException"/> with the way to get it.</summary>
    public static void Require() => _ = s_library.Value;

    /// <summary>Where the shim is, without loading it; null where it is nowhere.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(TorchLibrary.PathVariable) is { Length: > 0 } path)
        {
            return File.Exists(path) ? path : null;
        }

        return Candidates().FirstOrDefault(File.Exists);
    }

    /// <summary>Loads the shim from a file; null says that there is none.</summary>
    internal static nint LoadFrom(string? path)
    {
        if (path is null)
        {
            throw new TorchLibraryException(Missing());
        }

        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchLibraryException(
                $"The native library {path} can't be loaded: {e.Message.Trim()} {HowToGet}.", e);
        }

        CheckAbi(library, path);
        return library;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name == NativeLibraryCalls.Library ? s_library.Value : 0;

    private static void CheckAbi(nint library, string path)
    {
        if (!NativeLibrary.TryGetExport(library, "lt_abi", out nint abi) ||
            !NativeLibrary.TryGetExport(library, "lt_version", out nint version))
        {
            throw new TorchLibraryException($"{path} is not Lepton's libtorch shim. {HowToGet}.");
        }

        int built = ((delegate* unmanaged<int>)abi)();
        if (built != NativeLibraryCalls.Abi)
        {
            throw new TorchLibraryException(
                $"{path} was built for another version of Lepton (interface {built}, wanted " +
                $"{NativeLibraryCalls.Abi}). Build it again: lepton native build.");
        }

        string libtorch = NativeText.Borrowed(((delegate* unmanaged<byte*>)version)());
        if (!TorchVersions.IsKnown(libtorch))
        {
            throw new TorchLibraryException(
                $"{path} was built with libtorch {libtorch}, which Lepton does not know: it knows " +
                $"{TorchVersions.Range}. Build it with another one: lepton native build --libtorch DIR.");
        }
    }

    private static string Missing() =>
        Environment.GetEnvironmentVariable(TorchLibrary.PathVariable) is { Length: > 0 } path
            ? $"{TorchLibrary.PathVariable} names {path}, which does not exist. Correct the path, or unset it. " +
                $"{HowToGet}."
            : $"The native library {FileName} was not found. {HowToGet}, or point {TorchLibrary.PathVariable} to it.";

    private static IEnumerable<string> Candidates()
    {
        string beside = Path.GetDirectoryName(typeof(LibraryLocator).Assembly.Location) is { Length: > 0 } folder
            ? folder
            : AppContext.BaseDirectory;
        yield return Path.Combine(beside, FileName);
        yield return Path.Combine(
            beside, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", FileName);
        for (string? root = beside; root is not null; root = Path.GetDirectoryName(root))
        {
            yield return Path.Combine(root, "artifacts", "native", FileName);
        }
    }
}
