namespace Lepton.Raft.Log;

/// <summary>
/// Whose log and snapshots a directory holds. It stands in every file, so that no node takes another one's.
/// </summary>
/// <param name="Cluster">The cluster's id.</param>
/// <param name="Node">The node's id.</param>
public readonly record struct LogIdentity(ulong Cluster, NodeId Node);
