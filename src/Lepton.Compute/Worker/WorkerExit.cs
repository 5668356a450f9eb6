using System.Diagnostics;
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

    /// <summary>Ends the process at once; its files are the driver's to remove.</summary>
    public static void Now(int exitCode) => Environment.Exit(exitCode);

    private static void End() => Process.GetCurrentProcess().Kill();
}
