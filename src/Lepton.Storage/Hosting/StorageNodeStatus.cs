namespace Lepton.Storage.Hosting;

/// <summary>A node of a store, as the store and it itself tell.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Zone">Its zone; empty where it has none.</param>
/// <param name="Weight">Its share of the blocks, by the others' weights.</param>
/// <param name="State"><c>live</c>, <c>draining</c> or <c>gone</c>; <c>silent</c> where it lives and does not
/// answer.</param>
/// <param name="Blocks">How many blocks it has; this and what follows is null where it does not answer.</param>
/// <param name="BlocksToKeep">How many of them it must keep; null before it has looked, too.</param>
/// <param name="DiskBytes">Bytes of its disk.</param>
/// <param name="DiskBytesFree">Bytes that are free there.</param>
/// <param name="CopiesMissing">Copies that were missing of the blocks for which it is responsible, and are not made
/// yet.</param>
/// <param name="RepairShare">How much of the present pass over these blocks is done, from 0 to 1.</param>
/// <param name="RepairSecondsLeft">How long the rest of it takes.</param>
/// <param name="IsBraked">Whether it moves nothing, as too many nodes vanished at once.</param>
public sealed record StorageNodeStatus(
    string Name, string Zone, double Weight, string State, long? Blocks, long? BlocksToKeep, long? DiskBytes,
    long? DiskBytesFree, long? CopiesMissing, double? RepairShare, double? RepairSecondsLeft, bool? IsBraked)
{
    /// <summary>Bytes that the present pass, or the last, has moved to make missing copies.</summary>
    public long? RepairBytes { get; init; }

    /// <summary>How much of its bytes the present pass of reading all blocks has read, from 0 to 1.</summary>
    public double? ScrubShare { get; init; }

    /// <summary>How many bytes that is.</summary>
    public long? ScrubBytes { get; init; }

    /// <summary>How many damaged blocks were found since its data directory was made.</summary>
    public long? ScrubDamaged { get; init; }

    /// <summary>How long the rest of it takes at its present pace.</summary>
    public double? ScrubSecondsLeft { get; init; }

    /// <summary>How long ago those of its blocks were last read for which it is longest.</summary>
    public double? ScrubOldestSeconds { get; init; }

    /// <summary>Blocks of which, as far as it knows, no node has a good copy.</summary>
    public long? BlocksLost { get; init; }

    /// <summary>How many objects have such blocks.</summary>
    public long? ObjectsLost { get; init; }

    /// <summary>The first of these: bucket, slash, key.</summary>
    public IReadOnlyList<string>? ObjectsLostNames { get; init; }

    /// <summary>Bytes of other nodes' blocks that it keeps, in memory and on disk.</summary>
    public long? CacheBytes { get; init; }

    /// <summary>Reads of other nodes' blocks that these answered since it started.</summary>
    public long? CacheHits { get; init; }

    /// <summary>Reads of other nodes' blocks for which these were asked.</summary>
    public long? CacheMisses { get; init; }

    /// <summary>How many bytes its blocks have; null where it does not answer.</summary>
    public long? PlainBytes { get; init; }

    /// <summary>How many bytes are stored of them, compressed or not; null where it does not answer.</summary>
    public long? StoredBytes { get; init; }
}
