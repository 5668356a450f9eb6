namespace Lepton.Compute.Scheduling;

/// <summary>Which worker holds which cached partition. Owned by the scheduler's thread.</summary>
internal sealed class CacheRegistry
{
    private readonly Dictionary<int, Dictionary<int, int>> _workers = [];

    public void Add(int cache, int partition, int worker)
    {
        if (!_workers.TryGetValue(cache, out Dictionary<int, int>? partitions))
        {
            _workers.Add(cache, partitions = []);
        }

        partitions[partition] = worker;
    }

    /// <summary>The worker that holds a partition; -1 for none.</summary>
    public int WorkerOf(int cache, int partition) =>
        _workers.TryGetValue(cache, out Dictionary<int, int>? partitions)
            ? partitions.GetValueOrDefault(partition, -1)
            : -1;

    /// <summary>True when every partition lies with some worker.</summary>
    public bool IsWhole(CacheRef cache) =>
        _workers.TryGetValue(cache.CacheId, out Dictionary<int, int>? partitions)
        && partitions.Count == cache.PartitionCount;

    public void RemoveWorker(int worker)
    {
        foreach (Dictionary<int, int> partitions in _workers.Values)
        {
            foreach (int partition in partitions.Where(p => p.Value == worker).Select(p => p.Key).ToList())
            {
                partitions.Remove(partition);
            }
        }
    }

    public void Remove(int cache) => _workers.Remove(cache);
}
