namespace Lepton.Compute.Plans;

/// <summary>A node whose partitions may lie ready in an executor.</summary>
internal interface ICached
{
    /// <summary>Identifies the cache within a session.</summary>
    int CacheId { get; }

    /// <summary>
    /// Gives the cache another id, and the old one back, to be released: what tasks of earlier actions still add to
    /// that is not kept. Thread safe.
    /// </summary>
    int Renew(int cacheId);
}
