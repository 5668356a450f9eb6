namespace Lepton.Coordination.Leases;

/// <summary>
/// Is told which leases there are, so that the leader can keep their time. Called by the thread that applies commands;
/// it neither waits nor calls back.
/// </summary>
internal interface ILeaseObserver
{
    /// <summary>A lease was granted.</summary>
    void Granted(long id, long ttlSeconds);

    /// <summary>A lease has ended, by revocation or expiry.</summary>
    void Ended(long id);

    /// <summary>The leases are others now: a snapshot took the state's place.</summary>
    void Replaced(LeaseTable leases);
}
