namespace Lepton.Torch.Serialization;

/// <summary>What a file that was written must be found to be when it is read.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Crc32C">The CRC-32C (Castagnoli) of all its bytes.</param>
public readonly record struct SafetensorsDigest(long Bytes, uint Crc32C);
