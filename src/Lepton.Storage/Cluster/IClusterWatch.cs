namespace Lepton.Storage.Cluster;

/// <summary>Tells what is known of the nodes, and when that changes. Thread safe.</summary>
internal interface IClusterWatch : IClusterSource
{
    /// <summary>Waits until what is known is as a condition wants it.</summary>
    Task<ClusterView> WaitAsync(Func<ClusterView, bool> condition, CancellationToken cancellationToken);
}
