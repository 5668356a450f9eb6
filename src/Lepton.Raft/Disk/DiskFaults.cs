using System.Runtime.InteropServices;

namespace Lepton.Raft.Disk;

/// <summary>Tells a full disk from a broken one, by the numbers that the systems give.</summary>
internal static class DiskFaults
{
    private const int NoSpace = 28;
    private const int QuotaLinux = 122;
    private const int QuotaMac = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Whether the error number of a system call says that there is no room.</summary>
    public static bool IsFull(int error) =>
        error == NoSpace || error == (OperatingSystem.IsMacOS() ? QuotaMac : QuotaLinux);

    /// <summary>What a failed write is for the callers of a disk.</summary>
    public static IOException Translate(Exception fault, string path, string action) =>
        IsFull(fault.HResult) || fault.HResult is WindowsDiskFull or WindowsHandleDiskFull
            ? Full(path, action, fault.Message, fault)
            : Failed(path, action, fault.Message, fault);

    /// <summary>What a system call's error number is for the callers of a disk.</summary>
    public static IOException Translate(int error, string path, string action) =>
        IsFull(error) ? Full(path, action, ReasonOf(error)) : Failed(path, action, ReasonOf(error));

    /// <summary>What a system call's error number means.</summary>
    public static string ReasonOf(int error) => $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";

    /// <summary>A disk that did not do what it was asked to.</summary>
    public static DiskFailedException Failed(
        string path, string action, string reason, Exception? fault = null) =>
        new(
            $"{path} could not be {action}: {reason}. What the disk holds is not known any more, so the node must " +
            "stop. Check the disk and the kernel's log; then start the node again, or replace it.",
            fault);

    private static DiskFullException Full(string path, string action, string reason, Exception? fault = null) =>
        new(
            $"{path} could not be {action}: {reason}. Free some space on its file system, or raise the quota; the " +
            "node goes on by itself then, or can be started.",
            fault);
}
