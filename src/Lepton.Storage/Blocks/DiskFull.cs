namespace Lepton.Storage.Blocks;

/// <summary>Tells a full disk from a broken one, by the numbers that the systems give.</summary>
internal static class DiskFull
{
    private const int TooLarge = 27;
    private const int NoSpace = 28;
    private const int QuotaLinux = 122;
    private const int QuotaMac = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Whether a write failed for want of room, or of quota, or because files may not grow so large.</summary>
    public static bool Is(IOException fault) =>
        fault.HResult is NoSpace or TooLarge or WindowsDiskFull or WindowsHandleDiskFull
        || fault.HResult == (OperatingSystem.IsMacOS() ? QuotaMac : QuotaLinux);

    /// <summary>What callers are told.</summary>
    public static BlockException Of(string directory, string what, IOException fault) => new(
        BlockFailure.DiskFull,
        $"The disk of {directory} is full: {what} ({fault.Message.TrimEnd('.')}). Make room, or raise the quota; " +
        "what is stored is unharmed, and the next write goes on.",
        fault);
}
