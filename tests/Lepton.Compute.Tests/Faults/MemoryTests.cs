using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Faults;

/// <summary>A budget of 64 MiB a worker: operators spill, tasks that hoard fail and say what they held.</summary>
public sealed class MemoryTests : IAsyncLifetime
{
    private const int Budget = 64 << 20;

    // What a .NET process takes beside its managed heap: code, stacks, buffers of the runtime.
    private const int OverheadBytes = 128 << 20;
    private const int Rows = 60_000;
    private static readonly string s_padding = new('x', 1000);
    private Bench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync(
        workers: 1, with: options => options with { MemoryPerWorkerBytes = Budget });

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Hoard_InSmallSteps_FailsWithWhatItHeldAndTheBudget()
    {
        JobFailedException failure = await Bench.FailureAsync(() => _bench.Session.Range(0, 4, partitions: 2)
            .SelectPartition((rows, context) =>
            {
                var hoard = new List<byte[]>();
                while (context.Partition == 1)
                {
                    hoard.Add(new byte[10_000]);
                }

                return rows;
            })
            .CountAsync());

        AssertMemory(failure);
    }

    [Fact]
    public async Task Hoard_InOnePiece_FailsWithWhatItHeldAndTheBudget()
    {
        JobFailedException failure = await Bench.FailureAsync(() => _bench.Session.Range(0, 4, partitions: 2)
            .SelectPartition((rows, context) =>
            {
                byte[] hoard = new byte[context.Partition == 1 ? 1 << 30 : 1];
                return rows.Where(row => row >= hoard[0]);
            })
            .CountAsync());

        AssertMemory(failure);
    }

    [Fact]
    public async Task Hoard_BesideAnotherJob_FailsItsOwnJobOnly()
    {
        await using Bench shared = await Bench.StartAsync(
            workers: 1, threads: 2, with: options => options with { MemoryPerWorkerBytes = Budget });
        string gate = shared.Path("gate");
        Task<long> innocent = shared.Session.Range(0, 3, partitions: 1)
            .SelectPartition((rows, context) =>
            {
                Gate.Pass(gate, context.Cancellation);
                return rows;
            })
            .CountAsync();

        JobFailedException failure = await Bench.FailureAsync(() => shared.Session.Range(0, 1)
            .SelectPartition((rows, context) =>
            {
                var hoard = new List<byte[]>();
                try
                {
                    while (!context.Cancellation.IsCancellationRequested)
                    {
                        hoard.Add(new byte[10_000]);
                    }
                }
                catch (OutOfMemoryException)
                {
                    // Beside another task it is not blamed yet, but tried again once it is alone.
                    hoard.Clear();
                    Gate.Open(gate);
                    throw;
                }

                context.Cancellation.ThrowIfCancellationRequested();
                return rows;
            })
            .CountAsync());
        Gate.Open(gate);

        Assert.Equal(JobFailure.Memory, failure.Reason);
        Assert.Equal(3, await innocent);
    }

    [Fact]
    public async Task Hoard_ThatIgnoresItsEndAndHoldsUpThatOfTheProcess_IsEndedAllTheSame()
    {
        await using Bench bench = await Bench.StartAsync(
            workers: 1, with: options => options with { MemoryPerWorkerBytes = Budget, WorkerKillsMax = 1 });

        JobFailedException failure = await Bench.FailureAsync(() => bench.Session.Range(0, 1, partitions: 1)
            .SelectPartition((rows, _) =>
            {
                AppDomain.CurrentDomain.ProcessExit += (_, _) => CancellationToken.None.WaitHandle.WaitOne();
                byte[] hoard = new byte[60 << 20];
                while (hoard.Length > 0)
                {
                    CancellationToken.None.WaitHandle.WaitOne(10);
                    GC.KeepAlive(hoard);
                }

                return rows;
            })
            .CountAsync());

        Assert.Equal(JobFailure.KillsWorkers, failure.Reason);
        Assert.Contains("exit code 4: A task went on though it was cancelled", failure.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Sort_LargerThanTheBudget_SpillsAndStaysWithinIt()
    {
        List<string> heads = await Wide()
            .OrderBy(text => text, StringComparer.Ordinal, partitions: 1)
            .Select(text => text[..8])
            .ToListAsync();

        Assert.Equal(Enumerable.Range(0, Rows).Select(row => $"{row:00000000}"), heads);
        AssertSpilledWithinBudget();
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task GroupBy_LargerThanTheBudget_SpillsAndStaysWithinIt()
    {
        List<long> sizes = await Wide()
            .GroupBy(text => text[..5], partitions: 1)
            .Select(group => (long)group.Count)
            .ToListAsync();

        Assert.Equal(Rows / 1000, sizes.Count);
        Assert.All(sizes, size => Assert.Equal(1000, size));
        AssertSpilledWithinBudget();
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Join_LargerThanTheBudget_SpillsAndStaysWithinIt()
    {
        long count = await Wide()
            .Join(Wide(), left => left[..8], right => right[..8], (left, right) => left + right, partitions: 1)
            .CountAsync();

        Assert.Equal(Rows, count);
        AssertSpilledWithinBudget();
    }

    [Fact]
    public async Task Threads_OutOfMemory_AreNotToldToRaiseABudgetThatTheyDoNotHave()
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(
            threads: 1, options: new LeptonSessionOptions { EventLogPath = "" });

        JobFailedException failure = await Bench.FailureAsync(() => session.Range(0, 1, partitions: 1)
            .Select(row => row == 0 ? throw new InsufficientMemoryException("no more") : row)
            .CountAsync());

        Assert.Equal(JobFailure.Memory, failure.Reason);
        Assert.Contains("Use smaller partitions", failure.Message, StringComparison.Ordinal);
        Assert.Contains("use fewer threads", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("MemoryPerWorkerBytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cache_LargerThanItsShare_GoesToDiskAndIsReadFromThere()
    {
        string computed = Directory.CreateDirectory(_bench.Path("computed")).FullName;
        Dataset<string> cached = Wide()
            .SelectPartition((rows, context) =>
            {
                File.WriteAllBytes(Path.Combine(computed, $"{context.Partition}-{Path.GetRandomFileName()}"), []);
                return rows;
            })
            .Cache();

        Assert.Equal(Rows, await cached.CountAsync());
        Assert.NotEmpty(Directory.GetFiles(_bench.WorkDirectory, "cache-*", SearchOption.AllDirectories));
        Assert.Equal(
            (long)Rows * (Rows - 1) / 2,
            await cached.SumAsync(text => long.Parse(text[..8], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(4, Directory.GetFiles(computed).Length);
        await cached.UncacheAsync();
        await Gate.UntilAsync(
            () => Directory.GetFiles(_bench.WorkDirectory, "cache-*", SearchOption.AllDirectories).Length == 0,
            "the cache's files are removed");
    }

    /// <summary>60 MB of UTF-8, 120 MB as strings, in an order that is not sorted.</summary>
    private Dataset<string> Wide()
    {
        string padding = s_padding;
        return _bench.Session.Range(0, Rows, partitions: 4).Select(row => $"{row * 7919 % Rows:00000000}{padding}");
    }

    private void AssertMemory(JobFailedException failure)
    {
        Assert.Equal(JobFailure.Memory, failure.Reason);
        Assert.Contains(
            "the memory budget of its worker (64 MiB) was used up", failure.Message, StringComparison.Ordinal);
        Assert.Contains("partition 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("MemoryPerWorkerBytes", failure.Message, StringComparison.Ordinal);
    }

    private void AssertSpilledWithinBudget()
    {
        SessionStatistics statistics = _bench.Session.Statistics;
        Assert.True(statistics.SpilledBytes > 0);
        Assert.InRange(statistics.WorkerMemoryPeakBytes, 1, Budget + OverheadBytes);
        Assert.Equal(0, statistics.WorkersLost);
    }
}
