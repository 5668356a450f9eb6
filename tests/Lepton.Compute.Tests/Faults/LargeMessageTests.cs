using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Faults;

/// <summary>What is larger than a message travels all the same, with threads and with workers.</summary>
[Trait("Category", "Slow")]
public sealed class LargeMessageTests
{
    // More than the transport takes in one message.
    private const int Large = 70_000_000;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task Trap75_CaptureLargerThanAMessage_ReachesTheTasks(int workers, int threads)
    {
        await using Bench bench = await Bench.StartAsync(workers, threads, Roomy);
        byte[] captured = new byte[Large];
        captured[^1] = 7;

        List<int> last = await bench.Session.Range(0, 2, partitions: 2).Select(_ => (int)captured[^1]).ToListAsync();

        Assert.Equal([7, 7], last);
    }

    [Fact]
    public async Task Trap75_SliceLargerThanAMessage_ReachesItsTask()
    {
        await using Bench bench = await Bench.StartAsync(1, 0, Roomy);
        byte[] record = new byte[Large];
        record[0] = 9;

        List<int> firsts = await bench.Session.From([record, new byte[10]], 2).Select(r => (int)r[0]).ToListAsync();

        Assert.Equal([9, 0], firsts);
    }

    [Fact]
    public async Task Trap75_ManySlicesLargerThanAMessageTogether_ReachTheirTasks()
    {
        await using Bench bench = await Bench.StartAsync(1, 0, Roomy);
        List<byte[]> records = [.. Enumerable.Range(0, 120).Select(_ => new byte[900_000])];

        Assert.Equal(120, await bench.Session.From(records, 120).CountAsync());
        Assert.Empty(Directory.GetFiles(Directory.GetDirectories(bench.WorkDirectory).Single()));
    }

    [Fact]
    public async Task Trap75_ResultsLargerThanAMessageTogether_ReachTheCaller()
    {
        await using Bench bench = await Bench.StartAsync(1, 0, Roomy);

        List<byte[]> results = await bench.Session.Range(0, 100, partitions: 100)
            .Select(_ => new byte[900_000]).ToListAsync();

        Assert.Equal(100, results.Count);
        Assert.All(results, result => Assert.Equal(900_000, result.Length));
    }

    private static LeptonSessionOptions Roomy(LeptonSessionOptions options) =>
        options with { MemoryPerWorkerBytes = 1L << 30 };
}
