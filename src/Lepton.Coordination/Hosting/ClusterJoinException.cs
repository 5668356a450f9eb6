namespace Lepton.Coordination.Hosting;

/// <summary>
/// A member can't join: no member of the cluster could be asked, or it was not added to it. Nothing was changed.
/// </summary>
public sealed class ClusterJoinException(string message) : IOException(message);
