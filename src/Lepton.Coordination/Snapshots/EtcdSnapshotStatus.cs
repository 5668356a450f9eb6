namespace Lepton.Coordination.Snapshots;

/// <summary>What a snapshot is, in the numbers that <c>etcdctl snapshot status</c> gives.</summary>
/// <param name="Hash">The CRC-32C of all that its database holds.</param>
/// <param name="Revision">The last revision that wrote something.</param>
/// <param name="TotalKeys">Entries of the database: versions of keys, leases and what else it keeps.</param>
/// <param name="SizeBytes">The size of the database, in bytes.</param>
public sealed record EtcdSnapshotStatus(uint Hash, long Revision, long TotalKeys, long SizeBytes);
