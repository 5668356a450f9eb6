namespace Lepton.Compute.Worker;

/// <summary>
/// Watches the worker's standard input, a pipe whose other end only the driver holds: it ends when the driver does,
/// however that happens, SIGKILL included.
/// </summary>
internal static class Lifeline
{
    public static void Watch(string directory)
    {
        var thread = new Thread(() =>
        {
            while (Console.In.Read() >= 0)
            {
                // Nothing is expected here; only the end counts.
            }

            WorkerExit.Gone(directory);
        })
        {
            IsBackground = true,
            Name = "Lepton lifeline",
        };
        thread.Start();
    }
}
