using Lepton.Compute.Execution;

namespace Lepton.Compute.Tests.Execution;

public sealed class BlockCacheTests : IDisposable
{
    private const int RecordBytes = 32 + (2 * 2);
    private readonly TaskBench _bench = new();
    private readonly BlockCache _cache;

    public BlockCacheTests() => _cache = new BlockCache(_bench.Root, memoryBytes: 100 * RecordBytes);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void TryGet_Added_GivesTheSameList()
    {
        IEnumerable<int> added = Add(1, 0, Enumerable.Range(0, 50));
        Assert.True(_cache.TryGet(1, 0, out IEnumerable<int>? kept));
        Assert.Same(added, kept);
        Assert.False(_cache.TryGet<int>(1, 1, out _));
        Assert.False(_cache.TryGet<int>(2, 0, out _));
        Assert.Empty(_bench.Files);
    }

    [Fact]
    public void Add_PastTheMemory_TheLeastRecentlyUsedGoesToDisk()
    {
        Add(1, 0, Enumerable.Range(0, 40));
        Add(1, 1, Enumerable.Range(100, 40));
        Assert.True(_cache.TryGet<int>(1, 0, out _));
        Add(1, 2, Enumerable.Range(200, 40));
        Assert.StartsWith("cache-1-1-", Assert.Single(_bench.Files), StringComparison.Ordinal);
        for (int partition = 0; partition < 3; partition++)
        {
            Assert.True(_cache.TryGet(1, partition, out IEnumerable<int>? records));
            Assert.Equal(Enumerable.Range(100 * partition, 40), records);
        }
    }

    [Fact]
    public void Add_PartitionLargerThanTheMemory_GoesStraightToDisk()
    {
        int[] records = [.. Enumerable.Range(0, 10_000)];
        Assert.Equal(records, Add(3, 7, records));
        Assert.Single(_bench.Files);
        Assert.True(_cache.TryGet(3, 7, out IEnumerable<int>? kept));
        Assert.Equal(records, kept);
        Assert.Equal(records, kept);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    public void Add_Twice_TheSecondLeavesNothingBehind(int count)
    {
        int[] records = [.. Enumerable.Range(0, count)];
        Add(1, 0, records);
        string[] files = _bench.Files;
        Assert.Equal(records, Add(1, 0, records));
        Assert.Equal(files, _bench.Files);
        Assert.True(_cache.TryGet(1, 0, out IEnumerable<int>? kept));
        Assert.Equal(records, kept);
    }

    [Fact]
    public void Add_SourceThrows_LeavesNothingBehind()
    {
        Assert.Throws<InvalidOperationException>(() => Add(1, 0, Broken()));
        Assert.False(_cache.TryGet<int>(1, 0, out _));
        Assert.Empty(_bench.Files);

        static IEnumerable<int> Broken()
        {
            for (int i = 0; i < 1000; i++)
            {
                yield return i;
            }

            throw new InvalidOperationException("no more");
        }
    }

    [Fact]
    public void Release_OneCache_DeletesItsFilesAndKeepsTheOthers()
    {
        Add(1, 0, Enumerable.Range(0, 5000));
        Add(1, 1, Enumerable.Range(0, 5));
        Add(2, 0, Enumerable.Range(0, 5));
        _cache.Release(1);
        Assert.Empty(_bench.Files);
        Assert.False(_cache.TryGet<int>(1, 0, out _));
        Assert.False(_cache.TryGet<int>(1, 1, out _));
        Assert.True(_cache.TryGet<int>(2, 0, out _));
        Add(3, 0, Enumerable.Range(0, 90));
        Assert.Empty(_bench.Files);
    }

    [Fact]
    public void Add_TwoAtTheSameTime_ShareOneMemory()
    {
        Add(9, 0, Enumerable.Range(0, 30));
        int[] inner = [.. Enumerable.Range(0, 70)];
        IEnumerable<int> outer = Add(1, 0, Outer());
        Assert.Equal(Enumerable.Range(0, 60), outer);
        Assert.True(_cache.TryGet(1, 1, out IEnumerable<int>? kept));
        Assert.Equal(inner, kept);
        Assert.True(_cache.TryGet(9, 0, out kept));
        Assert.Equal(Enumerable.Range(0, 30), kept);

        IEnumerable<int> Outer()
        {
            for (int i = 0; i < 60; i++)
            {
                if (i == 50)
                {
                    Assert.Empty(_bench.Files);
                    Assert.Equal(inner, Add(1, 1, inner));
                    Assert.Equal(["cache-1-1", "cache-9-0"], _bench.Files.Select(file => file[..9]));
                }

                yield return i;
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Release_WhileItIsRead_TheReaderComesToTheEnd(bool hasBegun)
    {
        int[] records = [.. Enumerable.Range(0, 200_000)];
        IEnumerable<int> added = Add(1, 0, records);
        Assert.True(_cache.TryGet(1, 0, out IEnumerable<int>? kept));
        using IEnumerator<int> reader = kept.GetEnumerator();
        Assert.True(!hasBegun || reader.MoveNext());
        _cache.Release(1);
        Assert.Empty(_bench.Files);
        Assert.Equal(records, added);
        var rest = new List<int>();
        while (reader.MoveNext())
        {
            rest.Add(reader.Current);
        }

        Assert.Equal(hasBegun ? records[1..] : records, rest);
        Assert.False(_cache.TryGet<int>(1, 0, out _));
    }

    [Fact]
    public void TryGet_FileIsGone_IsComputedAgain()
    {
        int[] records = [.. Enumerable.Range(0, 5000)];
        Add(1, 0, records);
        File.Delete(_bench.PathOf(Assert.Single(_bench.Files)));
        Assert.False(_cache.TryGet<int>(1, 0, out _));
        Assert.Equal(records, Add(1, 0, records));
        Assert.True(_cache.TryGet<int>(1, 0, out _));
    }

    [Fact]
    public void Release_FolderIsGone_ForgetsTheCache()
    {
        using var bench = new TaskBench();
        string folder = Directory.CreateDirectory(bench.PathOf("cache")).FullName;
        var cache = new BlockCache(folder, memoryBytes: 100 * RecordBytes);
        cache.Add(1, 0, Enumerable.Range(0, 5000), bench.Task());
        Directory.Delete(folder, recursive: true);

        cache.Release(1);

        Assert.False(cache.TryGet<int>(1, 0, out _));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    public void Add_AfterItsRelease_TheTaskReadsItAndNothingIsKept(int count)
    {
        _cache.Release(1);
        TaskContext task = _bench.Task();

        Assert.Equal(Enumerable.Range(0, count), _cache.Add(1, 0, Enumerable.Range(0, count), task));

        Assert.False(_cache.TryGet<int>(1, 0, out _));
        Assert.Empty(_bench.Files);
        Assert.Empty(task.Cached);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    public void Release_WhileItIsAdded_TheTaskReadsItAndNothingIsKept(int count)
    {
        TaskContext task = _bench.Task();
        Assert.Equal(Enumerable.Range(0, count), _cache.Add(1, 0, Released(), task));
        Assert.False(_cache.TryGet<int>(1, 0, out _));
        Assert.Empty(_bench.Files);
        Assert.Empty(task.Cached);

        Add(2, 0, Enumerable.Range(0, 90));
        Assert.True(_cache.TryGet<int>(2, 0, out _));
        Assert.Empty(_bench.Files);

        IEnumerable<int> Released()
        {
            for (int i = 0; i < count; i++)
            {
                if (i == count / 2)
                {
                    _cache.Release(1);
                }

                yield return i;
            }
        }
    }

    private IEnumerable<int> Add(int cache, int partition, IEnumerable<int> records) =>
        _cache.Add(cache, partition, records, _bench.Task(partition));
}
