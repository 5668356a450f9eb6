using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Raft.Disk;

/// <summary>
/// The calls of the C library that .NET does not wrap. Partial because the marshalling code is generated.
/// </summary>
internal static partial class PosixCalls
{
    private const int ErrnoInterrupted = 4;

    /// <summary>
    /// Reserves blocks for the first <paramref name="bytes"/> of a file, which then has at least that length.
    /// </summary>
    /// <returns>0, or the error number.</returns>
    public static int Reserve(SafeFileHandle file, long bytes)
    {
        int error;
        do
        {
            error = posix_fallocate(file, 0, bytes);
        }
        while (error == ErrnoInterrupted);
        return error;
    }

    /// <summary>Flushes a file's bytes and what is needed to find them again; not its times.</summary>
    /// <returns>0, or the error number.</returns>
    public static int FlushData(SafeFileHandle file)
    {
        while (fdatasync(file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != ErrnoInterrupted)
            {
                return error;
            }
        }

        return 0;
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int posix_fallocate(SafeFileHandle file, long offset, long bytes);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);
}
