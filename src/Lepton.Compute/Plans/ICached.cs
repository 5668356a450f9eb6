namespace Lepton.Compute.Plans;

/// <summary>A node whose partitions may lie ready in an executor.</summary>
internal interface ICached
{
    /// <summary>Identifies the cache within a session.</summary>
    int CacheId { get; }
}
