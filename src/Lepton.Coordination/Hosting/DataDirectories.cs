using Lepton.Raft.Disk;

namespace Lepton.Coordination.Hosting;

/// <summary>Makes data directories, and says why one can't be used.</summary>
internal static class DataDirectories
{
    /// <summary>Makes a directory where there is none.</summary>
    /// <exception cref="DataDirectoryException">It can't be made.</exception>
    public static void Make(string directory)
    {
        if (File.Exists(directory))
        {
            throw new DataDirectoryException(
                $"--data-dir: {directory} is a file; a directory was expected. Give another path, or move the file " +
                "away.");
        }

        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw Unusable(directory, e);
        }
    }

    /// <summary>Something of a directory can't be read or written.</summary>
    public static DataDirectoryException Unusable(string path, Exception fault) => new(
        $"--data-dir: {path} can't be used: {fault.Message.TrimEnd('.')}. Give the user that runs the member the " +
        "right to read and write there, or choose another directory.", fault);
}
