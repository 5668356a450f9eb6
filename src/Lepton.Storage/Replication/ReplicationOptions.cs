namespace Lepton.Storage.Replication;

/// <summary>How long other nodes are waited for, and how much of what they gave is kept.</summary>
internal sealed record ReplicationOptions
{
    /// <summary>How long a write waits, once a majority has it, for the copies that are still under way; 2 s.</summary>
    public TimeSpan StragglerTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a read waits for one node before it asks another one as well; 1 s.</summary>
    public TimeSpan HedgeTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For how long a node that did not answer is asked last; 5 s.</summary>
    public TimeSpan SuspectTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of other nodes' blocks that are kept in memory; 0.</summary>
    public long CacheMemoryBytesMax { get; init; }

    /// <summary>Bytes of other nodes' blocks that are kept on disk, and one segment more; 0.</summary>
    public long CacheDiskBytesMax { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The threads by which nodes are asked at once.</summary>
    public WorkThreads Threads { get; init; } = WorkThreads.Pool;
}
