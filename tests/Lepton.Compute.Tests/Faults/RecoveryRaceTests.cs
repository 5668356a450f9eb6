using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Faults;

/// <summary>A worker is lost at moments when what it held is no longer, or not yet, of use.</summary>
public sealed class RecoveryRaceTests
{
    [Fact]
    public async Task JobEnds_WhileLostOutputsAreMadeAgain_TheRestIsWithdrawn()
    {
        await using Bench bench = await Bench.StartAsync();
        string both = bench.Path("both");
        string begun = bench.Path("begun");
        string hold = bench.Path("hold");
        string again = bench.Path("again");
        string stopped = bench.Path("stopped");
        Task<long> job = bench.Session.Range(0, 4000, partitions: 2)
            .SelectPartition((rows, context) =>
            {
                if (context.Attempt > 0)
                {
                    // Its output went with its worker. It is still being made again when nobody needs it any more.
                    Gate.Sign(again);
                    Gate.Hold(stopped, context.Cancellation);
                }

                Gate.Open(both + context.Partition);
                Gate.Pass(both + (1 - context.Partition), context.Cancellation);
                return rows;
            })
            .CountByKey(row => row % 4, partitions: 1)
            .SelectPartition((rows, context) =>
            {
                KeyValuePair<long, long>[] all = [.. rows];
                Gate.Sign(begun);
                Gate.Pass(hold, context.Cancellation);
                return all;
            })
            .CountAsync();
        int reader = await Gate.SignedAsync(begun);
        int writer = (await bench.ProcessesAsync()).Single(process => process != reader);

        await bench.KillAndReplaceAsync(writer);
        await Gate.UntilAsync(() => File.Exists(again), "the lost output is made again");
        Gate.Open(hold);

        Assert.Equal(4, await job);
        await Gate.UntilAsync(() => File.Exists(stopped), "what nobody needs is cancelled");
        Assert.Equal(10, await bench.Session.Range(0, 10, partitions: 5).CountAsync());
        Assert.Equal(1, bench.Session.Statistics.WorkersLost);
    }

    [Fact]
    public async Task WorkerDies_AfterItSentALargeResult_ResultIsStillRead()
    {
        await using Bench bench = await Bench.StartAsync(workers: 1);
        var large = new List<int>();
        for (int round = 0; round < 3; round++)
        {
            int victim = Assert.Single(await bench.ProcessesAsync());
            string begun = bench.Path($"begun-{round}");
            Task<List<byte[]>> job = bench.Session.Range(0, 2, partitions: 2)
                .SelectPartition((rows, context) =>
                {
                    if (context is { Partition: 1, Attempt: 0 })
                    {
                        Signals.Send(Environment.ProcessId, Signals.Kill);
                    }

                    return rows.Select(row => new byte[(2 << 20) + row]);
                })
                .ToListAsync();
            large.AddRange((await job).Select(value => value.Length));
            await bench.ReplacedAsync(victim, workers: 1);
        }

        Assert.Equal(Enumerable.Range(0, 6).Select(i => (2 << 20) + (i % 2)), large);
    }

    [Fact]
    public async Task KillByTheProgram_MoreOftenThanATaskMay_IsNotHeldAgainstIt()
    {
        await using Bench bench = await Bench.StartAsync(
            workers: 1, with: options => options with { WorkerKillsMax = 1 });
        string begun = bench.Path("begun");
        Task<long> job = bench.Session.Range(0, 10, partitions: 1)
            .SelectPartition((rows, context) =>
            {
                if (context.Attempt < 2)
                {
                    Gate.Sign(begun + context.Attempt);
                    Gate.Hold(context.Cancellation);
                }

                return rows;
            })
            .CountAsync();
        for (int attempt = 0; attempt < 2; attempt++)
        {
            int process = await Gate.SignedAsync(begun + attempt);
            WorkerInfo worker = Assert.Single(await bench.Session.WorkersAsync());
            Assert.True(await bench.Session.KillWorkerAsync(worker.Name, "the test says so"));
            await bench.ReplacedAsync(process, workers: 1);
        }

        Assert.Equal(10, await job);
        Assert.Equal(2, bench.Session.Statistics.RetryCount);
        Assert.All(
            bench.Session.Statistics.Retries,
            retry => Assert.Contains("the test says so", retry, StringComparison.Ordinal));
    }
}
