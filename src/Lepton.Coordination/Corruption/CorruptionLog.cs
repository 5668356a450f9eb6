using Lepton.Raft;
using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Corruption;

/// <summary>What is logged of comparisons of hashes. Partial because the code is generated.</summary>
internal static partial class CorruptionLog
{
    [LoggerMessage(2111, LogLevel.Critical,
        "The member {Member} holds other keys at revision {Revision} than {Agreeing}: it is corrupt. The alarm " +
        "CORRUPT is raised, and writes are refused. Remove that member, empty its data directory and add it anew; " +
        "then disarm the alarm.")]
    public static partial void Differs(ILogger logger, NodeId member, long revision, string agreeing);

    [LoggerMessage(2112, LogLevel.Warning,
        "Whether the member {Member} holds the same keys at revision {Revision} is not known, and will be asked " +
        "again: {Reason}.")]
    public static partial void NotCompared(ILogger logger, NodeId member, long revision, string reason);

    [LoggerMessage(2113, LogLevel.Warning,
        "The members' keys could not be compared, which will be tried again: {Reason}")]
    public static partial void NotDone(ILogger logger, string reason);
}
