using System.ComponentModel;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Running;
using Lepton.Compute;

namespace Lepton.Cli.Native;

/// <summary>Builds the shim with CMake where its sources, or the libtorch, are others than at its last build.</summary>
internal static class NativeBuild
{
    private const string Packages = "apt-get install libtorch-dev libgloo-dev cmake g++";

    /// <summary>Builds what is not built yet.</summary>
    /// <param name="tree">The checkout.</param>
    /// <param name="libtorch">A folder with libtorch; null for the system's.</param>
    /// <param name="onStart">Called before something is built.</param>
    /// <param name="cancellation">Ends the compiler.</param>
    /// <returns>Whether there was something to build.</returns>
    /// <exception cref="UsageException">A tool or libtorch is missing; the message is one line.</exception>
    /// <exception cref="IOException">The compiler fails; its output was written to standard error.</exception>
    public static async Task<bool> RunAsync(
        NativeTree tree, string? libtorch, Action onStart, CancellationToken cancellation)
    {
        libtorch = libtorch is null ? null : Path.GetFullPath(libtorch);
        string stamp = tree.StampOf(libtorch);
        if (tree.IsCurrent(stamp))
        {
            return false;
        }

        if (libtorch is not null && !Directory.Exists(libtorch))
        {
            throw new UsageException(
                $"There is no folder {libtorch}. Give --libtorch the folder that holds libtorch's include/ and lib/.",
                exitCode: ExitCodes.MissingFile);
        }

        Directory.CreateDirectory(tree.Output);
        using FileStream turn = TakeTurn(tree);
        onStart();
        await ConfigureAsync(tree, libtorch, cancellation).ConfigureAwait(false);
        await CompileAsync(tree, cancellation).ConfigureAwait(false);
        await File.WriteAllTextAsync(tree.Stamp, stamp, cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>The one line that stands for what CMake says where something is missing.</summary>
    internal static string Advice(string output, string? libtorch)
    {
        string where = libtorch is null ? "" : $" in {libtorch}";
        if (output.Contains("CMAKE_CXX_COMPILER", StringComparison.Ordinal))
        {
            return $"The native library needs a C++ compiler, and there is none. On Debian, as root: {Packages}";
        }

        if (output.Contains("is not one that is known", StringComparison.Ordinal))
        {
            string line = output.Split('\n').First(
                static text => text.Contains("is not one that is known", StringComparison.Ordinal));
            return $"{line.Trim().TrimEnd('.')}. Give another one with --libtorch DIR.";
        }

        if (output.Contains("no libtorch", StringComparison.Ordinal))
        {
            return libtorch is null
                ? $"The native library needs libtorch, and there is none. On Debian, as root: {Packages}; with " +
                    "another libtorch: --libtorch DIR"
                : $"There is no libtorch{where}: it must hold include/ATen and lib/libtorch. Correct --libtorch.";
        }

        return output.Contains("no headers of Gloo", StringComparison.Ordinal)
            ? $"The native library needs Gloo's headers, and there are none. On Debian, as root: {Packages}"
            : "";
    }

    // The lock file stays, empty: to remove it would let two builds hold it.
    private static FileStream TakeTurn(NativeTree tree)
    {
        string path = Path.Combine(tree.Output, "build.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException(
                $"Another 'lepton native build' is at work in {tree.Output} ({e.Message.TrimEnd('.')}). Wait for it, " +
                "and call again.", e);
        }
    }

    private static async Task ConfigureAsync(NativeTree tree, string? libtorch, CancellationToken cancellation)
    {
        // CMake remembers what it found: with another libtorch it must look again.
        Directory.CreateDirectory(tree.BuildFolder);
        File.Delete(Path.Combine(tree.BuildFolder, "CMakeCache.txt"));
        (int code, string output) = await RunCMakeAsync(
            ["-S", tree.Sources, "-B", tree.BuildFolder, $"-DLIBTORCH={libtorch}"], cancellation)
            .ConfigureAwait(false);
        if (code == 0)
        {
            return;
        }

        string advice = Advice(output, libtorch);
        if (advice.Length > 0)
        {
            throw new UsageException(advice, exitCode: ExitCodes.MissingFile);
        }

        await Console.Error.WriteLineAsync(output.TrimEnd()).ConfigureAwait(false);
        throw new IOException("CMake can't configure the native library; see above.");
    }

    private static async Task CompileAsync(NativeTree tree, CancellationToken cancellation)
    {
        // A file of libtorch's headers takes the compiler half a gigabyte.
        int jobs = Math.Min(Environment.ProcessorCount, 8);
        (int code, string output) = await RunCMakeAsync(
            ["--build", tree.BuildFolder, "--parallel", jobs.ToString(CultureInfo.InvariantCulture)], cancellation)
            .ConfigureAwait(false);
        if (code != 0)
        {
            await Console.Error.WriteLineAsync(output.TrimEnd()).ConfigureAwait(false);
            throw new IOException(
                "The native library does not compile with this libtorch; see above. Give another one with " +
                "--libtorch DIR.");
        }
    }

    private static async Task<(int Code, string Output)> RunCMakeAsync(
        IEnumerable<string> arguments, CancellationToken cancellation)
    {
        try
        {
            return await CapturedProcess.RunAsync("cmake", arguments, cancellation).ConfigureAwait(false);
        }
        catch (Win32Exception e)
        {
            throw new UsageException(
                $"The native library needs CMake, and there is none. On Debian, as root: {Packages}", e,
                ExitCodes.MissingFile);
        }
    }
}
