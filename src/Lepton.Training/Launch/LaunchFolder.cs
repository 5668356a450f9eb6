using System.Globalization;
using Lepton.Training.Ranks;

namespace Lepton.Training.Launch;

/// <summary>
/// The launcher's folder: what ranks say before they die, and the last step that they held. In the machine's memory
/// where it has a file system for that (<c>/dev/shm</c>), and no other place for temporary files is asked for.
/// </summary>
internal sealed class LaunchFolder : IDisposable
{
    private const string Memory = "/dev/shm";
    private const string Kind = "lepton-train";

    internal LaunchFolder(string root) => Root = root;

    public string Root { get; }

    /// <summary>Where ranks hold their last step.</summary>
    public string Held => Path.Combine(Root, "held");

    public static LaunchFolder Create()
    {
        bool isInMemory = OperatingSystem.IsLinux() && Directory.Exists(Memory)
            && Environment.GetEnvironmentVariable("TMPDIR") is null or "";
        string parent = isInMemory ? Memory : Path.GetTempPath();

        // What a launcher left that was killed would keep its memory for ever.
        ProcessFolders.RemoveLeft(parent, Kind);
        return new LaunchFolder(ProcessFolders.Create(parent, Kind));
    }

    public string ErrorFile(int round, int rank) => Path.Combine(Root, string.Create(
        CultureInfo.InvariantCulture, $"error-{round}-{rank}.json"));

    public string StatePage(int round, int rank) => Path.Combine(Root, string.Create(
        CultureInfo.InvariantCulture, $"state-{round}-{rank}"));

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
