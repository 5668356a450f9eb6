using Lepton.Torch.Distributed;

namespace Lepton.Torch;

/// <summary>A store, a group or a collective that failed: a peer is gone, or didn't come in time.</summary>
public sealed class CollectiveException(CollectiveFault fault, string message, Exception? inner = null)
    : TorchException(message, inner)
{
    /// <summary>What went wrong.</summary>
    public CollectiveFault Fault => fault;

    /// <summary>The collective, where it was one that failed.</summary>
    public CollectiveInfo? Collective { get; init; }
}
