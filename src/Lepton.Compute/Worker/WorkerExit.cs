using System.Diagnostics;
using Lepton.Compute.Execution;
using Lepton.Compute.Outputs;
using Lepton.Compute.Session;

namespace Lepton.Compute.Worker;

/// <summary>
/// The ways out of a worker process. Neither waits for user code: a task may be in an endless loop.
/// </summary>
internal sealed class WorkerExit(string directory)
{
    /// <summary>Set when the executor stands.</summary>
    public ExecutorScope? Scope { get; set; }

    /// <summary>
    /// The driver is gone: removes this worker's files, the half-written outputs that it knows of, and the session's
    /// folder when it is the last one,
    /// then ends the process at once.
    /// </summary>
    public void Gone()
    {
        foreach (string folder in Scope?.OutputFolders.Keys ?? [])
        {
            Abandon(folder);
        }

        SessionDirectory.Remove(directory);
        SessionDirectory.RemoveIfLast(Path.GetDirectoryName(directory)!);
        Process.GetCurrentProcess().Kill();
    }

    private static void Abandon(string folder)
    {
        try
        {
            OutputFolder.Abandon(folder);
        }
        catch (IOException) when (!Directory.Exists(folder))
        {
            // Another worker was faster.
            return;
        }
    }

    /// <summary>Ends the process at once; its files are the driver's to remove.</summary>
    public static void Now(int exitCode) => Environment.Exit(exitCode);
}
