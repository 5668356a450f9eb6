using Lepton.Storage.Blocks;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage;

/// <summary>What a storage node logs. Partial because the code is generated.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(3001, LogLevel.Information,
        "The storage node {Name} serves S3 at {Address}; its data is in {DataDir}.")]
    public static partial void Started(ILogger logger, string name, string address, string dataDir);

    [LoggerMessage(3002, LogLevel.Error,
        "Damaged on disk: {Damage}. It is not given to readers; putting the same bytes again replaces it.")]
    public static partial void BlockDamaged(ILogger logger, BlockDamage damage);

    [LoggerMessage(3003, LogLevel.Warning,
        "{Path} ended in {Bytes} bytes that a crash had left half-written; they are cut. No acknowledged write was " +
        "there.")]
    public static partial void TornTailCut(ILogger logger, string path, long bytes);

    [LoggerMessage(3004, LogLevel.Warning,
        "{Address} can be reached from other machines without encryption: requests are signed, but whoever listens " +
        "on the way reads the objects. Give --cert-file, or listen on 127.0.0.1.")]
    public static partial void Unencrypted(ILogger logger, string address);

    [LoggerMessage(3005, LogLevel.Error, "The request {RequestId} ({Method} {Target}) failed: {Fault}")]
    public static partial void RequestFailed(
        ILogger logger, string requestId, string method, string target, string fault);

    [LoggerMessage(3006, LogLevel.Information,
        "This store had no access key yet. One that may do everything is in {Path}, in the format of AWS's tools.")]
    public static partial void FirstKey(ILogger logger, string path);

    [LoggerMessage(3007, LogLevel.Error, "Upkeep failed, and is tried again later: {Fault}")]
    public static partial void UpkeepFailed(ILogger logger, string fault);

    [LoggerMessage(3008, LogLevel.Information,
        "Upkeep freed {Bytes} bytes of blocks that nothing referred to, and ended {Uploads} forgotten uploads.")]
    public static partial void UpkeepDone(ILogger logger, long bytes, long uploads);

    [LoggerMessage(3009, LogLevel.Warning,
        "Nothing new is known of the other nodes, and this is tried again: {Fault}")]
    public static partial void ClusterUnknown(ILogger logger, string fault);

    [LoggerMessage(3010, LogLevel.Warning,
        "The node {Name} could not renew its lease at the coordination store in time. What was being written is " +
        "refused; writes are taken again once there is another lease.")]
    public static partial void SessionLost(ILogger logger, string name);

    [LoggerMessage(3011, LogLevel.Warning,
        "{Made} of {Missing} copies that were missing are made. {Faults}")]
    public static partial void Repaired(ILogger logger, long made, long missing, string faults);

    [LoggerMessage(3012, LogLevel.Information,
        "The node {Name} of the store {StoreId} gives and takes blocks at {Address}; each has {Copies} copies, on as " +
        "many nodes, where there are so many.")]
    public static partial void Joined(ILogger logger, string name, string storeId, string address, int copies);

    [LoggerMessage(3013, LogLevel.Error,
        "Half of the store's nodes or more vanished at once: {Names}. It is rather the way to them that is lost, so " +
        "nothing is moved until they are back. Those that are lost for good: lepton storage remove --lost.")]
    public static partial void Braked(ILogger logger, string names);

    [LoggerMessage(3030, LogLevel.Error,
        "{Path} can't be read at byte {Offset}: {Fault} What lies there counts as damaged.")]
    public static partial void ReadFailed(ILogger logger, string path, long offset, string fault);

    [LoggerMessage(3031, LogLevel.Error,
        "The block {Block} is not what {Path} holds any more: the file was deleted or replaced. This process still " +
        "had it open, and copies the block into another file.")]
    public static partial void BlockRescued(ILogger logger, BlockId block, string path);

    [LoggerMessage(3032, LogLevel.Information, "All blocks were read; {Damaged} damaged ones have been found so far.")]
    public static partial void ScrubDone(ILogger logger, long damaged);

    [LoggerMessage(3033, LogLevel.Warning,
        "Some blocks were last read {Age} ago, and {Within} is the time within which each is to be. The node did not " +
        "run, or its disk is too slow; they are read four times as fast as it takes evenly, until it is made up for.")]
    public static partial void ScrubLate(ILogger logger, TimeSpan age, TimeSpan within);

    [LoggerMessage(3034, LogLevel.Warning,
        "{Path} does not tell how far the reading of all blocks was, which therefore begins anew: {Fault}")]
    public static partial void ScrubForgotten(ILogger logger, string path, string fault);

    [LoggerMessage(3035, LogLevel.Error,
        "The scrub was interrupted, and goes on from the same place in a minute: {Fault}")]
    public static partial void ScrubFailed(ILogger logger, string fault);

    [LoggerMessage(3036, LogLevel.Error,
        "No node has a good copy of {Blocks} blocks, which {Objects} objects have: {Names}. Start the nodes that are " +
        "gone, put these objects again, or delete them.")]
    public static partial void ObjectsLost(ILogger logger, long blocks, long objects, string names);

    [LoggerMessage(3037, LogLevel.Warning,
        "{Directory}, which holds copies of other nodes' blocks, can't be written: {Fault} Reads go to those nodes; " +
        "make room, or give a smaller --cache-disk.")]
    public static partial void CacheNotWritten(ILogger logger, string directory, string fault);

    [LoggerMessage(3040, LogLevel.Information,
        "The cluster key was replaced: {Count} data keys were wrapped with the new one. Nothing needs the old one " +
        "any more; lepton storage cluster-key drop deletes it.")]
    public static partial void Rewrapped(ILogger logger, long count);

    [LoggerMessage(3041, LogLevel.Error,
        "The cluster key was replaced, and {Count} data keys could not be wrapped with the new one; this is tried " +
        "again. {Faults}")]
    public static partial void RewrapFailed(ILogger logger, int count, string faults);

    [LoggerMessage(3050, LogLevel.Warning,
        "The coordination store at {Endpoint} does not answer yet; it is waited for, {Seconds} s more: {Fault}")]
    public static partial void CoordinationAwaited(ILogger logger, string endpoint, int seconds, string fault);

    [LoggerMessage(3051, LogLevel.Warning,
        "How this node is could not be put into the coordination store, and this is tried again: {Fault}")]
    public static partial void StatusUntold(ILogger logger, string fault);

    [LoggerMessage(3052, LogLevel.Warning,
        "The disk of {Directory} is full, so this start is not counted there. What is stored is served; make room, " +
        "or delete objects, to write again.")]
    public static partial void StartNotCounted(ILogger logger, string directory);
}
