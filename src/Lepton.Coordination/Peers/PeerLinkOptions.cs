using Lepton.Rpc.Client;
using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Peers;

/// <summary>How a node reaches its peers.</summary>
internal sealed record PeerLinkOptions
{
    /// <summary>How it connects, with its certificates where the peers' addresses begin with https.</summary>
    public required RpcChannelOptions Channel { get; init; }

    /// <summary>Where links tell of what breaks.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>How long whoever has left the cluster is still told what concerns it: that it has left.</summary>
    public TimeSpan FarewellTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock of pauses.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
