using Lepton.Raft;
using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Hosting;

/// <summary>What a member logs. Partial because the code is generated.</summary>
internal static partial class CoordinatorLog
{
    [LoggerMessage(2001, LogLevel.Information,
        "The member {Name} ({Id}) of the cluster {Cluster} serves clients at {Addresses}; its data is in {DataDir}.")]
    public static partial void Started(
        ILogger logger, string name, NodeId id, string cluster, string dataDir, string addresses);

    [LoggerMessage(2002, LogLevel.Information, "The leader is {Leader}, in term {Term}.")]
    public static partial void Leader(ILogger logger, NodeId leader, Term term);

    [LoggerMessage(2003, LogLevel.Warning, "There is no leader, in term {Term}.")]
    public static partial void NoLeader(ILogger logger, Term term);

    [LoggerMessage(2004, LogLevel.Error,
        "The log is damaged from entry {First} on, up to entry {Last} at least. This member neither votes nor leads " +
        "until the leader has given them to it again.")]
    public static partial void Damaged(ILogger logger, LogIndex first, LogIndex last);

    [LoggerMessage(2005, LogLevel.Error, "Upkeep failed, and goes on: {Fault}")]
    public static partial void UpkeepFailed(ILogger logger, string fault);

    [LoggerMessage(2006, LogLevel.Warning,
        "The member {Name} ({Id}) was removed from the cluster {Cluster}. It stops in a moment, and does not start " +
        "again.")]
    public static partial void Removed(ILogger logger, string name, NodeId id, string cluster);

    [LoggerMessage(2011, LogLevel.Error,
        "The disk is full: this member takes no entries until there is room. Make some; it goes on by itself.")]
    public static partial void DiskFull(ILogger logger);

    [LoggerMessage(2014, LogLevel.Information, "The disk has room again.")]
    public static partial void DiskHasRoom(ILogger logger);

    [LoggerMessage(2012, LogLevel.Information,
        "What this member had lost of its log, or of its promises, is made good: it votes again.")]
    public static partial void Repaired(ILogger logger);

    [LoggerMessage(2013, LogLevel.Error, "A snapshot failed, and is tried again later: {Fault}")]
    public static partial void SnapshotFailed(ILogger logger, string fault);

    [LoggerMessage(2015, LogLevel.Error,
        "This member knows of no other that could give it what it has lost. Where there is none, restore a backup " +
        "into an empty directory: lepton snapshot restore FILE --data-dir DIR.")]
    public static partial void DamagedAlone(ILogger logger);

    [LoggerMessage(2016, LogLevel.Warning,
        "{Url} could not be asked which cluster it is of; if it is of another one, it refuses this member later.")]
    public static partial void NotAsked(ILogger logger, string url);
}
