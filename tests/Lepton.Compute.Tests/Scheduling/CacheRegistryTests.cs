using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Tests.Scheduling;

public sealed class CacheRegistryTests
{
    private readonly CacheRegistry _caches = new();

    [Fact]
    public void WorkerOf_UnknownCacheOrPartition_IsNone()
    {
        _caches.Add(1, 0, worker: 5);
        Assert.Equal(5, _caches.WorkerOf(1, 0));
        Assert.Equal(-1, _caches.WorkerOf(1, 1));
        Assert.Equal(-1, _caches.WorkerOf(2, 0));
    }

    [Fact]
    public void IsWhole_EveryPartitionWithSomeWorker_IsTrue()
    {
        _caches.Add(1, 0, worker: 5);
        _caches.Add(1, 0, worker: 6);
        Assert.False(_caches.IsWhole(new CacheRef(1, 2)));
        _caches.Add(1, 1, worker: 5);
        Assert.True(_caches.IsWhole(new CacheRef(1, 2)));
        Assert.Equal(6, _caches.WorkerOf(1, 0));
        Assert.False(_caches.IsWhole(new CacheRef(2, 2)));
    }

    [Fact]
    public void RemoveWorker_ForgetsJustWhatItHeld()
    {
        _caches.Add(1, 0, worker: 5);
        _caches.Add(1, 1, worker: 6);
        _caches.Add(2, 0, worker: 5);
        _caches.RemoveWorker(5);
        Assert.Equal([-1, 6, -1], [_caches.WorkerOf(1, 0), _caches.WorkerOf(1, 1), _caches.WorkerOf(2, 0)]);
    }

    [Fact]
    public void Remove_ForgetsTheCache()
    {
        _caches.Add(1, 0, worker: 5);
        _caches.Add(2, 0, worker: 5);
        _caches.Remove(1);
        Assert.Equal([-1, 5], [_caches.WorkerOf(1, 0), _caches.WorkerOf(2, 0)]);
    }
}
