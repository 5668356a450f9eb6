using System.Diagnostics;
using System.Runtime.InteropServices;
using Lepton.Compute.Session;

namespace Lepton.Compute.Worker;

/// <summary>
/// The ways out of a worker process. Neither waits for user code: a task may be in an endless loop.
/// </summary>
internal static class WorkerExit
{
    /// <summary>
    /// The driver is gone: removes this worker's files, the session's folder and the half-written outputs noted in it,
    /// then ends the process at once, whatever came of that.
    /// </summary>
    public static void Gone(string directory)
    {
        try
        {
            SessionDirectory.Abandon(Path.GetDirectoryName(directory)!, directory);
        }
        catch (Exception)
        {
            // Nobody is left to be told. The next session sweeps what stays.
            End();
        }

        End();
    }

    /// <summary>
    /// Ends the process at once; its files are the driver's to remove. Not by <see cref="Environment.Exit"/>: that
    /// waits for what user code has hung onto the process's end, for ever where it waits for a task.
    /// </summary>
    public static void Now(int exitCode)
    {
        if (!OperatingSystem.IsWindows())
        {
            NativeMethods.ExitAtOnce(exitCode);
        }

        End();
    }

    private static void End() => Process.GetCurrentProcess().Kill();

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "_exit")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern void ExitAtOnce(int status);
    }
}
