namespace Lepton.Storage.Replication;

/// <summary>How full a node's cache of others' blocks is, and how often it had what was asked for.</summary>
/// <param name="MemoryBytes">Bytes in memory.</param>
/// <param name="DiskBytes">Bytes on disk.</param>
/// <param name="Hits">Reads that it answered since the node started.</param>
/// <param name="Misses">Reads that went to another node.</param>
internal sealed record CacheReport(long MemoryBytes, long DiskBytes, long Hits, long Misses)
{
    /// <summary>Of a node that has told nothing.</summary>
    public static CacheReport None { get; } = new(0, 0, 0, 0);
}
