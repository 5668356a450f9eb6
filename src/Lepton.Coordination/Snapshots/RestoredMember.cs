namespace Lepton.Coordination.Snapshots;

/// <summary>A member whose data directory was made from a snapshot.</summary>
/// <param name="DataDir">The full path of the data directory.</param>
/// <param name="ClusterId">The new cluster's id: the same for all its members if they are of the same snapshot.</param>
/// <param name="MemberId">The member's id.</param>
/// <param name="Revision">The store's revision, which goes on from the old cluster's.</param>
/// <param name="CompactedRevision">Up to which revision history is gone; 0 where all is there.</param>
/// <param name="Keys">Keys that are there.</param>
/// <param name="Leases">Leases; each has its whole time again once the cluster has a leader.</param>
/// <param name="LostLeases">Keys that were to live by a lease which the snapshot does not have; they stay.</param>
/// <param name="HadUsers">
/// Whether the old cluster asked its clients for users and passwords, which the new one does not.
/// </param>
public sealed record RestoredMember(
    string DataDir, ulong ClusterId, ulong MemberId, long Revision, long CompactedRevision, int Keys, int Leases,
    int LostLeases, bool HadUsers);
