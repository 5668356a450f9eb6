using System.Globalization;
using System.Runtime.InteropServices;

namespace Lepton.Compute.Tests.Faults;

/// <summary>Real signals to real processes, and what the kernel says of them.</summary>
internal static class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Sends a signal; a process that is gone is fine.</summary>
    public static void Send(int process, int signal) => _ = SendNative(process, signal);

    /// <summary>True while a process runs. One that ended and that nobody has waited for does not.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Processes that map a file of a directory, which a worker does from its start to its end.</summary>
    public static IReadOnlyList<int> UsersOf(string directory)
    {
        var users = new List<int>();
        foreach (string process in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out int id)
                && Maps(process, directory))
            {
                users.Add(id);
            }
        }

        return users;
    }

    private static bool Maps(string process, string directory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "maps")).Contains(directory, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendNative(int process, int signal);
}
