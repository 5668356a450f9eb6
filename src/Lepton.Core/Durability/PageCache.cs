using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Core.Durability;

/// <summary>
/// What the system keeps of files in memory. Who wants to know what is on the disk has to have it forgotten first; who
/// reads a lot that nobody needs again has it forgotten afterwards. Thread safe. Partial because the marshalling code
/// is generated.
/// </summary>
public static partial class PageCache
{
    /// <summary>
    /// What the system keeps and forgets as one, at most: Linux keeps files in folios of up to so many bytes, aligned
    /// to their own length.
    /// </summary>
    public const long GrainBytes = 2 * 1024 * 1024;

    // POSIX_FADV_DONTNEED, as Linux numbers it.
    private const int DontNeed = 4;

    /// <summary>
    /// Asks the system to forget bytes of a file, so that they are read from the disk the next time. Bytes that are not
    /// on the disk yet stay. Only Linux is asked: elsewhere it does nothing.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many; with them goes what lies in the same multiples of
    /// <see cref="GrainBytes"/>.</param>
    public static void Drop(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            // The system forgets only what lies in the range as a whole. It is advice: a file system that does not take
            // it changes nothing.
            long from = offset / GrainBytes * GrainBytes;
            long to = (offset + length + GrainBytes - 1) / GrainBytes * GrainBytes;
            _ = posix_fadvise(file, (nint)from, (nint)(to - from), DontNeed);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int posix_fadvise(SafeFileHandle file, nint offset, nint length, int advice);
}
