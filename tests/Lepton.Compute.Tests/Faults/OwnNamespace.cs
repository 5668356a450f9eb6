using System.Diagnostics;

namespace Lepton.Compute.Tests.Faults;

/// <summary>
/// A program with a small file system of its own, which any user may mount where the kernel lets users have
/// namespaces; it is gone with the program.
/// </summary>
internal static class OwnNamespace
{
    private const string Unshare = "/usr/bin/unshare";

    // Says at the end what the program left there: nobody else can look.
    private const string Script = """
        disk=$1; shift
        mkdir -p "$disk" && mount -t tmpfs -o size="$MEGABYTES"m tmpfs "$disk" || exit 99
        "$@"; code=$?
        find "$disk" -mindepth 1 -printf 'left: %P\n'
        exit $code
        """;

    /// <summary>What to start a program with, so that <paramref name="folder"/> is such a file system for it.</summary>
    public static string[] WithSmallDisk(string folder, int megabytes)
    {
        string said = Try();
        if (said.Length > 0)
        {
            Assert.Skip($"This user may not have a namespace with a file system of its own: {said.Trim()}");
        }

        return
        [
            Unshare, "--map-root-user", "--mount", "/bin/sh", "-c",
            Script.Replace("\"$MEGABYTES\"", $"{megabytes}", StringComparison.Ordinal), "sh", folder,
        ];
    }

    private static string Try()
    {
        if (!File.Exists(Unshare))
        {
            return $"'{Unshare}' of util-linux is not there.";
        }

        string[] arguments = ["--map-root-user", "--mount", "/bin/mount", "-t", "tmpfs", "tmpfs", Path.GetTempPath()];
        using Process process = Process.Start(
            new ProcessStartInfo(Unshare, arguments) { RedirectStandardError = true })!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"unshare ended with code {process.ExitCode}: {said}";
    }
}
