using System.Globalization;

namespace Lepton.Training.Ranks;

/// <summary>
/// Temporary folders that say in their names which process they belong to, of which machine and container, so that the
/// next one there removes what was left by one that was killed.
/// </summary>
internal static class ProcessFolders
{
    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Process ids mean something within it alone: two containers may share the folder for temporary files.
    private static readonly string s_processSpace = OperatingSystem.IsLinux()
        ? string.Concat(new FileInfo("/proc/self/ns/pid").LinkTarget?.Where(char.IsAsciiDigit) ?? [])
        : "";

    /// <summary>Makes a folder of this process, for its user alone.</summary>
    /// <param name="parent">Where.</param>
    /// <param name="kind">What it is for, as the beginning of its name.</param>
    public static string Create(string parent, string kind)
    {
        string path = Path.Combine(parent, NameOf(kind, Environment.ProcessId, Path.GetRandomFileName()));
        return (OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(path)
            : Directory.CreateDirectory(path, OwnerAlone)).FullName;
    }

    /// <summary>The name of a process's folder.</summary>
    public static string NameOf(string kind, int process, string random) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix(kind)}{process}-{random}");

    /// <summary>Removes this user's folders of a kind whose processes are gone. Only where there is /proc.</summary>
    public static void RemoveLeft(string parent, string kind)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        foreach (string left in Directory.EnumerateDirectories(parent, Prefix(kind) + "*"))
        {
            // Behind the prefix: the process, and something random without hyphens. Other users' names may begin alike.
            if (Path.GetFileName(left)[Prefix(kind).Length..].Split('-') is [string owner, _]
                && !Directory.Exists("/proc/" + owner))
            {
                Remove(left);
            }
        }
    }

    private static void Remove(string left)
    {
        try
        {
            Directory.Delete(left, recursive: true);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or UnauthorizedAccessException)
        {
            // Another process that starts removes it too, or it is another user's.
            return;
        }
    }

    private static string Prefix(string kind) =>
        $"{kind}-{Environment.UserName}-{Environment.MachineName}-{s_processSpace}-";
}
