using System.Globalization;

namespace Lepton.Training.Launch;

/// <summary>
/// The launcher's folder: what ranks say before they die, and the last step that they held. In the machine's memory
/// where it has a file system for that (<c>/dev/shm</c>), and no other place for temporary files is asked for.
/// </summary>
internal sealed class LaunchFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    internal LaunchFolder(string root) => Root = root;

    public string Root { get; }

    /// <summary>Where ranks hold their last step.</summary>
    public string Held => Path.Combine(Root, "held");

    private static string Prefix => $"lepton-train-{Environment.UserName}-";

    public static LaunchFolder Create()
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Memory)
            || Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 })
        {
            return new LaunchFolder(Directory.CreateTempSubdirectory("lepton-train-").FullName);
        }

        RemoveLeft();
        string path = Path.Combine(Memory, string.Create(
            CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Path.GetRandomFileName()}"));
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new LaunchFolder(path);
    }

    public string ErrorFile(int round, int rank) => Path.Combine(Root, string.Create(
        CultureInfo.InvariantCulture, $"error-{round}-{rank}.json"));

    public string StatePage(int round, int rank) => Path.Combine(Root, string.Create(
        CultureInfo.InvariantCulture, $"state-{round}-{rank}"));

    public void Dispose() => Directory.Delete(Root, recursive: true);

    // What a launcher left that was killed would keep its memory for ever.
    private static void RemoveLeft()
    {
        foreach (string left in Directory.EnumerateDirectories(Memory, Prefix + "*"))
        {
            string owner = Path.GetFileName(left)[Prefix.Length..].Split('-')[0];
            if (!Directory.Exists("/proc/" + owner))
            {
                Directory.Delete(left, recursive: true);
            }
        }
    }
}
