namespace Lepton.Coordination.Tests.Servers;

/// <summary>A small file system in memory, which a test fills. Only root can mount it; elsewhere the test is
/// skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-disk-");

    public SmallDisk(int megabytes)
    {
        try
        {
            SystemCommand.RunOrSkip(
                "A full disk needs a small file system to fill: run the tests as root.",
                "mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", _folder.FullName);
        }
        catch
        {
            _folder.Delete();
            throw;
        }
    }

    public string Path => _folder.FullName;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using FileStream file = new(Filler, FileMode.Append);
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
            // It is full; what could not be written must not be tried again when the file is closed.
            file.SetLength(file.Length);
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(Filler);

    public void Dispose()
    {
        SystemCommand.Run("umount", "-l", Path);
        _folder.Delete();
    }
}
