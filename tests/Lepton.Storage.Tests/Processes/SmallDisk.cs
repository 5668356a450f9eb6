using System.ComponentModel;
using System.Diagnostics;

namespace Lepton.Storage.Tests.Processes;

/// <summary>A small file system in memory, which a test fills. Only root can mount it; elsewhere the test is
/// skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-disk-");

    public SmallDisk(int megabytes)
    {
        string fault = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", _folder.FullName);
        if (fault.Length > 0)
        {
            _folder.Delete();
        }

        Assert.SkipWhen(
            fault.Length > 0, $"{fault} A full disk needs a small file system to fill: run the tests as root.");
    }

    /// <summary>A folder on it.</summary>
    public string Folder => Path.Combine(_folder.FullName, "data");

    private string Filler => Path.Combine(_folder.FullName, "filler");

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        byte[] page = new byte[4096];
        using FileStream file = new(
            Filler, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(page);
            }
        }
        catch (IOException)
        {
            // It is full.
            return;
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(Filler);

    public void Dispose()
    {
        Assert.Equal("", Run("umount", "-l", _folder.FullName));
        _folder.Delete();
    }

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What went wrong; empty where nothing did.</returns>
    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            string said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? "" : $"{program} ended with code {process.ExitCode}: {said.Trim()}.";
        }
        catch (Win32Exception e)
        {
            return $"{program} is not there: {e.Message}.";
        }
    }
}
