using Lepton.Compute.Datasets;
using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Faults;

/// <summary>Shuffles read over HTTP, as between machines, and outputs that can't be read.</summary>
public sealed class HttpShuffleTests
{
    [Fact]
    public async Task Jobs_OverHttp_GiveTheResultsOfThreads()
    {
        await using Bench remote = await Bench.StartAsync(with: options => options with { ShuffleOverHttp = true });
        await using Bench local = await Bench.StartAsync(workers: 0, threads: 2);

        Assert.Equal(await MixedJob.RunAsync(local.Session), await MixedJob.RunAsync(remote.Session));
    }

    [Fact]
    public async Task Trap73_WorkerDiesBeforeItsOutputIsRead_ItsOutputsAreMadeAgain()
    {
        await using Bench bench = await Bench.StartAsync(with: options => options with { ShuffleOverHttp = true });
        string begun = bench.Path("begun");
        string hold = bench.Path("hold");
        string both = bench.Path("both");
        Task<List<KeyValuePair<long, long>>> job = bench.Session.Range(0, 4000, partitions: 4)
            .SelectPartition((rows, context) =>
            {
                if (context is { Partition: < 2, Attempt: 0 })
                {
                    Gate.Sign(both + context.Partition);
                    Gate.Pass(both + (1 - context.Partition), context.Cancellation);
                }

                return rows;
            })
            .CountByKey(row => row % 4, partitions: 1)
            .SelectPartition((rows, context) =>
            {
                if (context.Attempt == 0)
                {
                    Gate.Sign(begun);
                    Gate.Pass(hold, context.Cancellation);
                }

                return rows;
            })
            .ToListAsync();
        int reader = await Gate.SignedAsync(begun);
        int writer = (await bench.ProcessesAsync()).Single(process => process != reader);

        await bench.KillAndReplaceAsync(writer);
        Gate.Open(hold);

        Assert.Equal(
            Enumerable.Range(0, 4).Select(key => new KeyValuePair<long, long>(key, 1000)),
            (await job).OrderBy(entry => entry.Key));
        Assert.Contains(
            bench.Session.Statistics.Retries, retry => retry.Contains("can't be read", StringComparison.Ordinal));
        IReadOnlyList<JobEvent> events = await bench.EndAsync();
        Assert.InRange(Assert.Single(events.OfType<OutputLost>()).Partitions.Count, 1, 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Trap73_OutputIsDamagedOnDisk_ItIsMadeAgain(bool overHttp)
    {
        await using Bench bench = await Bench.StartAsync(with: options => options with { ShuffleOverHttp = overHttp });
        string begun = bench.Path("begun");
        string hold = bench.Path("hold");
        Task<List<KeyValuePair<long, long>>> job = bench.Session.Range(0, 4000, partitions: 4)
            .CountByKey(row => row % 4, partitions: 1)
            .SelectPartition((rows, context) =>
            {
                if (context.Attempt == 0)
                {
                    Gate.Sign(begun);
                    Gate.Pass(hold, context.Cancellation);
                }

                return rows;
            })
            .ToListAsync();
        await Gate.SignedAsync(begun);

        // A rehearsal's stages have numbers below 0, and it may not have ended yet.
        string[] outputs =
        [
            .. Directory.EnumerateFiles(bench.WorkDirectory, "shuffle-*", SearchOption.AllDirectories)
                .Where(path => !Path.GetFileName(path).StartsWith("shuffle--", StringComparison.Ordinal)),
        ];
        Assert.Equal(4, outputs.Length);
        byte[] damaged = await File.ReadAllBytesAsync(outputs[0]);
        damaged[10] ^= 0x40;
        await File.WriteAllBytesAsync(outputs[0], damaged);
        File.Delete(outputs[1]);

        Gate.Open(hold);

        Assert.Equal(
            Enumerable.Range(0, 4).Select(key => new KeyValuePair<long, long>(key, 1000)),
            (await job).OrderBy(entry => entry.Key));
        Assert.Equal(2, bench.Session.Statistics.RetryCount);
        IReadOnlyList<JobEvent> events = await bench.EndAsync();
        Assert.Equal(7, events.OfType<TaskFinished>().Count(task => task.Outcome == TaskOutcome.Succeeded));
    }

    [Fact]
    public async Task Trap73_OutputIsLostAgainAndAgain_JobFailsInsteadOfRetryingForEver()
    {
        await using Bench bench = await Bench.StartAsync(workers: 1);
        string work = bench.WorkDirectory;
        JobFailedException failure = await Bench.FailureAsync(() =>
            bench.Session.Range(0, 40, partitions: 2)
                .CountByKey(row => row % 4, partitions: 1)
                .SelectPartition((rows, context) =>
                {
                    foreach (string output in Directory.GetFiles(work, "shuffle-*", SearchOption.AllDirectories))
                    {
                        File.Delete(output);
                    }

                    return rows;
                })
                .CountAsync()
                .WaitAsync(TimeSpan.FromSeconds(60)));

        Assert.Equal(JobFailure.InputLost, failure.Reason);
        Assert.Contains("could not be read 12 times", failure.Message, StringComparison.Ordinal);
        Assert.Equal(4, await bench.Session.Range(0, 40).CountByKey(row => row % 4).CountAsync());
    }
}
