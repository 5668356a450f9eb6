using System.Diagnostics;

namespace Lepton.Compute.Tests.Faults;

/// <summary>A file system of a few megabytes, in memory. Only root can mount it; elsewhere the tests skip.</summary>
internal sealed class TinyDisk : IDisposable
{
    private TinyDisk(string path) => Path = path;

    public string Path { get; }

    public static TinyDisk Mount(int megabytes)
    {
        string path = Directory.CreateTempSubdirectory("lepton-disk-").FullName;
        string said = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path);
        if (said.Length > 0)
        {
            Directory.Delete(path);
            Assert.Skip($"A full disk needs a small file system to fill: {said.Trim()}. Run the tests as root.");
        }

        return new TinyDisk(path);
    }

    /// <summary>Fills what is left but for some bytes.</summary>
    public void Fill(int freeBytes = 0)
    {
        using FileStream file = File.Create(System.IO.Path.Combine(Path, "filler"));
        byte[] page = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(page);
                file.Flush();
            }
        }
        catch (IOException)
        {
            file.SetLength(Math.Max(0, file.Length - freeBytes));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static string Run(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? "" : $"{program} ended with code {process.ExitCode}: {said}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"{program} is not there: {e.Message}";
        }
    }
}
