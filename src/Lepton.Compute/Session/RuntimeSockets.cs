namespace Lepton.Compute.Session;

/// <summary>
/// The sockets for debuggers and tracers that the .NET runtime of a process makes in the temporary directory, and
/// leaves there when the process is killed.
/// </summary>
internal static class RuntimeSockets
{
    private static readonly string[] s_names = ["dotnet-diagnostic-{0}-*", "clr-debug-pipe-{0}-*"];

    /// <summary>
    /// Removes those of a process that has ended. What is newer than <paramref name="seenAlive"/> belongs to another
    /// process that got its id, and stays.
    /// </summary>
    /// <exception cref="IOException">One of them can't be removed.</exception>
    public static void Remove(int processId, string temporaryDirectory, DateTime seenAlive)
    {
        if (processId == Environment.ProcessId || !Directory.Exists(temporaryDirectory))
        {
            return;
        }

        foreach (string name in s_names)
        {
            string pattern = string.Format(System.Globalization.CultureInfo.InvariantCulture, name, processId);
            foreach (string path in Directory.GetFileSystemEntries(temporaryDirectory, pattern))
            {
                if (PrivateFolder.IsMine(path) && File.GetLastWriteTimeUtc(path) <= seenAlive)
                {
                    File.Delete(path);
                }
            }
        }
    }
}
