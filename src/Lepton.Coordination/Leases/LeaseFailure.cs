namespace Lepton.Coordination.Leases;

/// <summary>Why a lease was not granted or renewed.</summary>
internal enum LeaseFailure
{
    /// <summary>It was.</summary>
    None,

    /// <summary>There is no such lease, or its time is over.</summary>
    NotFound,

    /// <summary>A lease with that id is there already.</summary>
    Exists,

    /// <summary>The time is longer than a lease can have.</summary>
    TtlTooLarge,

    /// <summary>Only the leader keeps the time of leases, and this node does not lead.</summary>
    NotLeader,
}
