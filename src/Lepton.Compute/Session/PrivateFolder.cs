using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lepton.Compute.Session;

/// <summary>
/// Folders in places where every user of the machine may write, such as the system's temporary directory: made for
/// this user alone, and refused where somebody else made them first and could read or plant what lies in them.
/// </summary>
internal static class PrivateFolder
{
    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Makes a folder, and what is missing above it, that only this user may enter. One that is there stays
    /// as it is.</summary>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    /// <summary>As <see cref="Create"/>; one that is there must be this user's, and is closed to others.</summary>
    /// <exception cref="IOException">It is another user's, or others may write to it.</exception>
    public static void CreateOwn(string path)
    {
        Create(path);
        Require(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    /// <summary>Refuses a folder whose content another user could have written.</summary>
    /// <exception cref="IOException">It is another user's, or others may write to it.</exception>
    public static void Require(string path)
    {
        if (!IsMine(path))
        {
            throw new IOException($"the folder '{path}' belongs to another user of this machine. Have it removed");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OthersWrite) != 0)
        {
            throw new IOException(
                $"other users of this machine may write to the folder '{path}', so what lies in it may be theirs. " +
                $"Remove it, or, if you trust what lies in it, say 'chmod go-w {path}'");
        }
    }

    /// <summary>Whether a file or folder, and where it is a link its target too, belongs to this user. True where the
    /// system can't tell.</summary>
    public static bool IsMine(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            // What is another's is then found out when it is opened or changed.
            return true;
        }

        uint user = NativeMethods.UserId();
        return OwnerOf(path, NativeMethods.NoFollow) == user && OwnerOf(path, 0) == user;
    }

    // Null where it is gone.
    private static uint? OwnerOf(string path, int flags)
    {
        byte[] result = new byte[NativeMethods.ResultBytes];
        return NativeMethods.Statx(NativeMethods.CurrentDirectory, path, flags, NativeMethods.WantOwner, result) == 0
            ? BinaryPrimitives.ReadUInt32LittleEndian(result.AsSpan(NativeMethods.OwnerOffset))
            : null;
    }

    // The one call for this whose layout is the same on every architecture.
    private static class NativeMethods
    {
        public const int CurrentDirectory = -100;
        public const int NoFollow = 0x100;
        public const uint WantOwner = 0x8;
        public const int ResultBytes = 256;
        public const int OwnerOffset = 20;

        [DllImport("libc", EntryPoint = "statx")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int Statx(
            int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] result);

        [DllImport("libc", EntryPoint = "geteuid")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern uint UserId();
    }
}
