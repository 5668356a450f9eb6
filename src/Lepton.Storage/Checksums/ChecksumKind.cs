namespace Lepton.Storage.Checksums;

/// <summary>The checksums of S3 that are supported beside MD5.</summary>
internal enum ChecksumKind
{
    /// <summary>CRC-32 (ISO 3309).</summary>
    Crc32,

    /// <summary>CRC-32C (Castagnoli).</summary>
    Crc32C,

    /// <summary>CRC-64/NVME.</summary>
    Crc64Nvme,

    /// <summary>SHA-256.</summary>
    Sha256,
}
