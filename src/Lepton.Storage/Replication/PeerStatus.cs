namespace Lepton.Storage.Replication;

/// <summary>How a node is.</summary>
/// <param name="Blocks">How many blocks it has.</param>
/// <param name="SegmentBytes">Bytes of its segments.</param>
/// <param name="DiskBytes">Bytes of its disk.</param>
/// <param name="DiskBytesFree">Bytes that are free there.</param>
internal sealed record PeerStatus(long Blocks, long SegmentBytes, long DiskBytes, long DiskBytesFree);
