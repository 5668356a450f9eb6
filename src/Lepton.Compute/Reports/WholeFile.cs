using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>Writes a file under another name and then gives it its own, so that half a file is never seen.</summary>
internal static class WholeFile
{
    public static void Write(string path, string what, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        string partial = full + ".partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (FileStream stream = File.Create(partial))
            {
                write(stream);
            }

            File.Move(partial, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Drop(partial);
            throw new EventLogException(
                $"The {what} '{path}' can't be written: {e.Message} " +
                "Give a path in a folder that can be written to and has room.", e);
        }
        catch
        {
            // Reading the log failed half-way: that error is the caller's, the half-made file is ours.
            Drop(partial);
            throw;
        }
    }

    private static void Drop(string partial)
    {
        if (File.Exists(partial))
        {
            File.Delete(partial);
        }
    }
}
