using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

/// <summary>
/// Keeps each partition, once computed, in the executor that computed it: in memory while there is room, then on its
/// disk. A partition that is lost with its executor is computed again.
/// </summary>
internal sealed class CacheNode<T>(int cacheId, PlanNode<T> parent) : NarrowNode<T, T>(parent), ICached,
    IKeepsSize
{
    private int _cacheId = cacheId;

    public override string Label => "Cache";

    public int CacheId => Volatile.Read(ref _cacheId);

    public int Renew(int cacheId) => Interlocked.Exchange(ref _cacheId, cacheId);

    public override IEnumerable<T> Compute(int partition, TaskContext context)
    {
        if (context.Scope.Cache.TryGet<T>(CacheId, partition, out IEnumerable<T>? kept))
        {
            return context.Watch(kept);
        }

        return context.Scope.Cache.Add(CacheId, partition, Parent.Compute(partition, context), context);
    }
}
