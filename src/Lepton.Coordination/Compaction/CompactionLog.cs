using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Compaction;

/// <summary>What is logged of compactions. Partial because the code is generated.</summary>
internal static partial class CompactionLog
{
    [LoggerMessage(2201, LogLevel.Information,
        "History is compacted up to revision {Revision}, by --auto-compaction-mode.")]
    public static partial void Compacted(ILogger logger, long revision);

    [LoggerMessage(2202, LogLevel.Warning,
        "History could not be compacted up to revision {Revision}, and will be tried again: {Reason}")]
    public static partial void NotCompacted(ILogger logger, long revision, string reason);
}
