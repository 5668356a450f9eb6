namespace Lepton.Compute.Replay;

/// <summary>
/// The layout of a bundle: magic (8 bytes), version u32, blocks (length u32, CRC32C u32, content), the manifest as
/// JSON, and the footer: the manifest's length u32, the CRC32C u32 of header and manifest, and the end mark u32.
/// Numbers are little-endian.
/// </summary>
internal static class ReplayFormat
{
    public const uint Version = 1;
    public const int HeaderBytes = 12;
    public const int BlockHeaderBytes = 8;
    public const int FooterBytes = 12;
    public const uint EndMark = 0x3152_504c; // "LPR1"
    public const string FolderSuffix = ".replay";
    public const string FileSuffix = ".bundle";

    public static ReadOnlySpan<byte> Magic => "LPREPLAY"u8;

    /// <summary>The folder with the bundles of a log.</summary>
    public static string FolderOf(string logPath) => logPath + FolderSuffix;

    /// <summary>The file of one task in it.</summary>
    public static string FileName(int stage, int partition) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{stage}-{partition}{FileSuffix}");
}
