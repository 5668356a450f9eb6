using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Core.Durability;

/// <summary>
/// The calls of the C library that .NET does not wrap. Partial because the marshalling code is generated.
/// </summary>
internal static partial class PosixFile
{
    private const int ErrnoInterrupted = 4;
    private const int ErrnoInvalid = 22;
    private const int ReadOnly = 0;

    /// <summary>Renames in one step; never falls back to a copy, as File.Move does between file systems.</summary>
    public static void Rename(string source, string final, bool overwrite)
    {
        if (OperatingSystem.IsWindows())
        {
            if (overwrite)
            {
                File.Move(source, final, overwrite: true);
            }
            else
            {
                Directory.Move(source, final);
            }

            return;
        }

        if (!overwrite && File.Exists(final))
        {
            throw new IOException(
                $"{source} can't be renamed to {final}: a file stands there. Remove it, or choose another name.");
        }

        if (rename(source, final) != 0)
        {
            throw Fault(
                $"rename {source} to {final}",
                "Both must be on one file system, the new name's directory must exist, and a directory that stands " +
                "in its place must be empty");
        }
    }

    public static void FsyncDirectory(string path)
    {
        int descriptor;
        do
        {
            descriptor = open(path, ReadOnly | CloseOnExec);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == ErrnoInterrupted);

        if (descriptor < 0)
        {
            throw Fault($"open directory {path} to flush it", "It must exist and be readable");
        }

        try
        {
            int result;
            do
            {
                result = fsync(descriptor);
            }
            while (result != 0 && Marshal.GetLastPInvokeError() == ErrnoInterrupted);

            if (result != 0 && Marshal.GetLastPInvokeError() != ErrnoInvalid)
            {
                throw Fault(
                    $"flush directory {path} to disk", "Check the disk; what was renamed there last may be lost");
            }
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    /// <summary>
    /// Flushes a file to disk. Unlike RandomAccess.FlushToDisk, which takes EROFS, EINVAL and ENOTSUP for success, it
    /// tells of every error, EINVAL too: a flush that was not done has made nothing durable.
    /// </summary>
    /// <exception cref="IOException">It was not flushed, and must not be tried again.</exception>
    public static void Fsync(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        int result;
        do
        {
            result = fsync(file);
        }
        while (result != 0 && Marshal.GetLastPInvokeError() == ErrnoInterrupted);

        if (result != 0)
        {
            throw Fault("flush a file to disk", "Check the disk; what was written last may be lost");
        }
    }

    /// <summary>The flag that keeps a descriptor from child processes; its number differs by system.</summary>
    private static int CloseOnExec =>
        OperatingSystem.IsLinux() ? 0x80000 : OperatingSystem.IsMacOS() ? 0x1000000 : 0;

    private static IOException Fault(string action, string advice)
    {
        int errno = Marshal.GetLastPInvokeError();
        return new IOException(
            $"The system could not {action}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}). {advice}.",
            errno);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int rename(string source, string final);
}
