using Lepton.Raft;
using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Peers;

/// <summary>What the ways between nodes log. Partial because the code is generated.</summary>
internal static partial class PeerLog
{
    [LoggerMessage(2101, LogLevel.Information, "Reached the member {Peer} at {Address}.")]
    public static partial void Connected(ILogger logger, NodeId peer, Uri address);

    [LoggerMessage(2102, LogLevel.Warning, "Can't reach the member {Peer} at {Address}, and go on trying: {Fault}")]
    public static partial void Unreachable(ILogger logger, NodeId peer, Uri address, string fault);

    [LoggerMessage(2103, LogLevel.Warning, "A stream of the member {Peer} ended: {Fault}")]
    public static partial void StreamEnded(ILogger logger, NodeId peer, string fault);
}
