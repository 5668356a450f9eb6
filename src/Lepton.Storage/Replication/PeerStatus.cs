using Lepton.Storage.Scrubbing;

namespace Lepton.Storage.Replication;

/// <summary>How a node is.</summary>
/// <param name="Blocks">How many blocks it has.</param>
/// <param name="SegmentBytes">Bytes of its segments.</param>
/// <param name="DiskBytes">Bytes of its disk.</param>
/// <param name="DiskBytesFree">Bytes that are free there.</param>
/// <param name="OnlyHere">Of its blocks, how many it must keep: they belong there, or are not yet where they belong;
/// null before it has looked.</param>
/// <param name="Repair">The pass over the blocks for which it is responsible.</param>
internal sealed record PeerStatus(
    long Blocks, long SegmentBytes, long DiskBytes, long DiskBytesFree, long? OnlyHere, RepairProgress Repair)
{
    /// <summary>The reading of all its blocks.</summary>
    public ScrubProgress Scrub { get; init; } = ScrubProgress.None;

    /// <summary>What it knows of blocks of which no node has a good copy.</summary>
    public LostReport Lost { get; init; } = LostReport.None;

    /// <summary>What it keeps of other nodes' blocks.</summary>
    public CacheReport Cache { get; init; } = CacheReport.None;

    /// <summary>How many bytes its blocks have.</summary>
    public long PlainBytes { get; init; }

    /// <summary>How many bytes are stored of them.</summary>
    public long StoredBytes { get; init; }
}
