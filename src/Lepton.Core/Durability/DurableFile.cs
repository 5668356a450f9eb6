using Microsoft.Win32.SafeHandles;

namespace Lepton.Core.Durability;

/// <summary>
/// Files that are, after a crash or a power cut, either as they were or as they were meant to be. When a method
/// returns, the bytes and the names are on the disk. Thread safe.
/// </summary>
/// <remarks>
/// On Linux and macOS a rename is durable only once the directory is flushed too, which .NET does not offer; this
/// class does it. On Windows, where directories can't be flushed, renames are atomic but may be lost in a power cut:
/// <see cref="FsyncDirectory"/> does nothing there. After an error the caller must not retry and go on as if the data
/// were safe: the system may have dropped the unwritten pages.
/// </remarks>
public static class DurableFile
{
    // EEXIST, as .NET gives it: the errno on Unix, ERROR_FILE_EXISTS on Windows.
    private const int ExistsErrno = 17;
    private const int ExistsWindows = unchecked((int)0x80070050);
    private const int AttemptsMax = 1000;

    /// <summary>
    /// Writes a file in one step: until it returns, readers see the old content or none, never a part. A crash may
    /// leave a file ".NAME.N.tmp" beside it, which can be deleted.
    /// </summary>
    /// <exception cref="IOException">
    /// It could not be written, such as on a full disk; what stood there still stands. After an error of the last
    /// step, the flush of the directory, the new content stands there but may not outlive a power cut; the message
    /// says so.
    /// </exception>
    public static void WriteAllBytesAtomic(string path, ReadOnlySpan<byte> bytes)
    {
        string final = Path.GetFullPath(path);
        string temporary = WriteTemporary(final, bytes);
        try
        {
            PosixFile.Rename(temporary, final, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }

        FsyncAfterRename(Path.GetDirectoryName(final)!, final);
    }

    /// <summary>
    /// Flushes the finished file <paramref name="tempPath"/> and puts it in the place of
    /// <paramref name="finalPath"/>. Both must be on one file system.
    /// </summary>
    /// <exception cref="IOException">
    /// As <see cref="WriteAllBytesAtomic"/>; <paramref name="tempPath"/> stays where it is.
    /// </exception>
    public static void ReplaceAtomic(string tempPath, string finalPath)
    {
        string temporary = Path.GetFullPath(tempPath);
        string final = Path.GetFullPath(finalPath);
        // Windows flushes only what may be written; elsewhere a read-only file is no obstacle.
        FileAccess access = OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read;
        using (SafeFileHandle file = File.OpenHandle(temporary, access: access))
        {
            PosixFile.Fsync(file);
        }

        PosixFile.Rename(temporary, final, overwrite: true);
        FsyncParents(temporary, final);
    }

    /// <summary>
    /// Gives a finished directory its final name. The files in it must have been flushed by those who wrote them; the
    /// directory's own list of files is flushed here.
    /// </summary>
    /// <exception cref="IOException">
    /// Something stands at <paramref name="finalPath"/> (an empty directory is replaced on Linux and macOS), or one
    /// of the steps failed.
    /// </exception>
    public static void RenameDirectoryAtomic(string sourcePath, string finalPath)
    {
        string source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(sourcePath));
        string final = Path.TrimEndingDirectorySeparator(Path.GetFullPath(finalPath));
        FsyncDirectory(source);
        PosixFile.Rename(source, final, overwrite: false);
        FsyncParents(source, final);
    }

    /// <summary>Flushes a file's bytes to disk, and tells of every error of the system's, where .NET hides
    /// some.</summary>
    /// <exception cref="IOException">It was not flushed, and another try that succeeds would mean nothing.</exception>
    public static void Fsync(SafeFileHandle file) => PosixFile.Fsync(file);

    /// <summary>
    /// Flushes a directory's list of names to disk, so that files created, renamed or deleted in it stay so. Does
    /// nothing on Windows, nor where the file system knows no such thing (EINVAL).
    /// </summary>
    /// <exception cref="IOException">
    /// The directory can't be opened or flushed; the message has the path and the system's reason.
    /// </exception>
    public static void FsyncDirectory(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            PosixFile.FsyncDirectory(Path.GetFullPath(path));
        }
    }

    private static string WriteTemporary(string final, ReadOnlySpan<byte> bytes)
    {
        string directory = Path.GetDirectoryName(final)
            ?? throw new IOException(
                $"{final} is a root directory: a file can't be written in its place. Give a file's path.");
        FileStream? created = null;
        try
        {
            created = CreateTemporary(directory, Path.GetFileName(final));
            created.Write(bytes);
            created.Flush();
            PosixFile.Fsync(created.SafeFileHandle);
            created.Dispose();
            return created.Name;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (created is not null)
            {
                Discard(created);
            }

            throw new IOException(
                $"{final} could not be written: {fault.Message} What stood there before is unchanged. Check the " +
                "directory, its permissions and the free space.",
                fault)
            {
                // By which callers tell a full disk from a broken one.
                HResult = fault.HResult,
            };
        }
    }

    private static FileStream CreateTemporary(string directory, string name)
    {
        // Another writer's file of the same name, or one that a crash left behind, only costs another number.
        for (int attempt = 0; ; attempt++)
        {
            string path = Path.Combine(directory, $".{name}.{attempt}.tmp");
            try
            {
                return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            }
            catch (IOException there) when (attempt < AttemptsMax && there.HResult is ExistsErrno or ExistsWindows)
            {
                // Its owner may have renamed it meanwhile, so looking for it would say nothing.
                continue;
            }
        }
    }

    private static void Discard(FileStream created)
    {
        created.Dispose();
        File.Delete(created.Name);
    }

    private static void FsyncParents(string source, string final)
    {
        string to = Path.GetDirectoryName(final)!;
        string from = Path.GetDirectoryName(source)!;
        FsyncAfterRename(to, final);
        if (!string.Equals(from, to, StringComparison.Ordinal))
        {
            FsyncAfterRename(from, final);
        }
    }

    private static void FsyncAfterRename(string directory, string final)
    {
        try
        {
            FsyncDirectory(directory);
        }
        catch (IOException fault)
        {
            throw new IOException(
                $"{final} has its new content, but that may not outlive a power cut: {fault.Message} Treat it as not " +
                "written, and check the disk.",
                fault);
        }
    }
}
