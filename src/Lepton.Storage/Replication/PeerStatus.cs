namespace Lepton.Storage.Replication;

/// <summary>How a node is.</summary>
/// <param name="Blocks">How many blocks it has.</param>
/// <param name="SegmentBytes">Bytes of its segments.</param>
/// <param name="DiskBytes">Bytes of its disk.</param>
/// <param name="DiskBytesFree">Bytes that are free there.</param>
/// <param name="OnlyHere">How many of its blocks it must keep; null before it has looked.</param>
/// <param name="Repair">The pass over the blocks for which it is responsible.</param>
internal sealed record PeerStatus(
    long Blocks, long SegmentBytes, long DiskBytes, long DiskBytesFree, KeptBlocks? OnlyHere, RepairProgress Repair);
