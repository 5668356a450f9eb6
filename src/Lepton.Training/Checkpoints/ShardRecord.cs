namespace Lepton.Training.Checkpoints;

/// <summary>A file of a checkpoint.</summary>
/// <param name="File">Its name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Crc32C">The checksum of all its bytes.</param>
internal sealed record ShardRecord(string File, long Bytes, uint Crc32C);
