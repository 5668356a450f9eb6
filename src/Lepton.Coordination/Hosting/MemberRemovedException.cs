namespace Lepton.Coordination.Hosting;

/// <summary>
/// The member was removed from its cluster. Its id never comes back, and what it has is of no use to the others.
/// </summary>
public sealed class MemberRemovedException : Exception
{
    internal MemberRemovedException(NodeIdentityFile identity, string dataDir, Exception? inner = null)
        : base(
            $"The member '{identity.Name}' ({identity.MemberId}) was removed from the cluster {identity.ClusterId}, " +
            $"and stops. To have it back, empty its data directory {dataDir}, add it anew (lepton members add URL) " +
            "and start it with --initial-cluster-state existing." +
            (inner is null ? "" : $" That it was removed could not be noted there: {inner.Message}"), inner)
    {
    }
}
