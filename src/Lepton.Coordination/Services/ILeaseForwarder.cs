using Lepton.Raft;

namespace Lepton.Coordination.Services;

/// <summary>
/// Asks the leader about leases: it alone knows how long they still have. The node's host implements it, by a call to
/// the leader's peer address. Thread safe.
/// </summary>
internal interface ILeaseForwarder
{
    /// <summary>Has the leader give leases their whole time again.</summary>
    /// <param name="leader">Who leads, as this node knows.</param>
    /// <param name="leaseIds">The leases.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How each stands then, in their order.</returns>
    /// <exception cref="Raft.Hosting.ConsensusException">It does not lead, or can't be reached.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<IReadOnlyList<LeaseTime>> KeepAliveAsync(
        NodeId leader, IReadOnlyList<long> leaseIds, CancellationToken cancellationToken);

    /// <summary>Has the leader say how long leases still have.</summary>
    /// <inheritdoc cref="KeepAliveAsync"/>
    Task<IReadOnlyList<LeaseTime>> TimeToLiveAsync(
        NodeId leader, IReadOnlyList<long> leaseIds, CancellationToken cancellationToken);
}
