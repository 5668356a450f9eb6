using Lepton.Raft;

namespace Lepton.Coordination.Services;

/// <summary>
/// Asks the leader about leases: it alone knows how long they still have. The node's host implements it, by a call to
/// the leader's peer address. Thread safe.
/// </summary>
public interface ILeaseForwarder
{
    /// <summary>Has the leader give a lease its whole time again.</summary>
    /// <param name="leader">Who leads, as this node knows.</param>
    /// <param name="leaseId">The lease.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How the lease stands then.</returns>
    /// <exception cref="Raft.Hosting.ConsensusException">It does not lead, or can't be reached.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<LeaseTime> KeepAliveAsync(NodeId leader, long leaseId, CancellationToken cancellationToken);

    /// <summary>Has the leader say how long a lease still has.</summary>
    /// <inheritdoc cref="KeepAliveAsync"/>
    Task<LeaseTime> TimeToLiveAsync(NodeId leader, long leaseId, CancellationToken cancellationToken);
}
