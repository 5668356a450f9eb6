using Lepton.Compute.Datasets;
using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Faults;

/// <summary>
/// Disks that are full: one clear error, no retries without end, nothing half-written, and the session goes on.
/// </summary>
public sealed class FullDiskTests
{
    private const string Padding = "all work and no play makes a record longer than it would have to be";

    [Fact]
    public async Task Trap72_DiskFillsWhileShuffling_FailsOnceAndTheSessionGoesOn()
    {
        using TinyDisk disk = TinyDisk.Mount(megabytes: 4);
        await using Bench bench = await Bench.StartAsync(with: options => options with { WorkDirectory = disk.Path });

        JobFailedException failure = await Bench.FailureAsync(() => bench.Session.Range(0, 200_000, partitions: 4)
            .Select(row => $"{row} {Padding}")
            .Repartition(4)
            .CountAsync());

        AssertSaysDiskFull(failure, disk);
        Assert.Equal(0, bench.Session.Statistics.RetryCount);
        Assert.Equal(0, bench.Session.Statistics.WorkersLost);
        await NoFilesOfJobsAsync(disk);
        Dataset<string> few = bench.Session.Range(0, 1000, partitions: 4).Select(row => $"{row}");
        Assert.Equal(1000, await few.Repartition(4).CountAsync());
    }

    [Fact]
    public async Task Trap72_DiskFillsWhileSpilling_FailsOnceAndLeavesNoRuns()
    {
        using TinyDisk disk = TinyDisk.Mount(megabytes: 24);
        await using Bench bench = await Bench.StartAsync(
            workers: 1, with: options => options with { WorkDirectory = disk.Path, MemoryPerWorkerBytes = 64L << 20 });

        // What is shuffled fits; the runs of the sort do not fit beside it.
        JobFailedException failure = await Bench.FailureAsync(() => bench.Session.Range(0, 200_000, partitions: 2)
            .Select(row => $"{row * 7919 % 200_000:000000} {Padding}")
            .OrderBy(text => text, StringComparer.Ordinal, partitions: 1)
            .CountAsync());

        AssertSaysDiskFull(failure, disk);
        Assert.Equal(0, bench.Session.Statistics.RetryCount);
        await NoFilesOfJobsAsync(disk);
        Assert.Equal(10, await bench.Session.Range(0, 10).CountAsync());
    }

    [Fact]
    public async Task DiskOfTheOutput_Fills_NothingHalfWrittenStays()
    {
        using TinyDisk disk = TinyDisk.Mount(megabytes: 2);
        await using Bench bench = await Bench.StartAsync();
        string output = Path.Combine(disk.Path, "lines");

        JobFailedException failure = await Bench.FailureAsync(() => bench.Session.Range(0, 200_000, partitions: 4)
            .Select(row => $"{row} {Padding}")
            .WriteTextAsync(output));

        AssertSaysDiskFull(failure, disk);
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
        Assert.Equal(10, await bench.Session.Range(0, 10).Select(row => $"{row}").WriteTextAsync(output));
    }

    [Fact]
    public async Task WorkerDies_OnAFullDisk_SessionSaysWhyAndGoesOnWithTheOther()
    {
        using TinyDisk disk = TinyDisk.Mount(megabytes: 2);
        await using Bench bench = await Bench.StartAsync(with: options => options with { WorkDirectory = disk.Path });
        int victim = (await bench.ProcessesAsync())[0];
        disk.Fill();

        Signals.Send(victim, Signals.Kill);
        await Gate.UntilAsync(() => bench.Session.Statistics.WorkersLost > 0, "the session notices");

        Assert.Equal(10, await bench.Session.Range(0, 10).CountAsync());
        IReadOnlyList<JobEvent> events = await bench.EndAsync();
        Assert.Contains(
            events.OfType<Message>(),
            message => message.Text.Contains("can't be started: No space left on device", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_OnAFullDisk_FailsAndLeavesNothing()
    {
        using TinyDisk disk = TinyDisk.Mount(megabytes: 1);
        disk.Fill();

        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => Bench.StartAsync(
            with: options => options with { WorkDirectory = disk.Path }));

        Assert.Contains("No space left on device", failure.Message, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(disk.Path, "filler")], Directory.GetFileSystemEntries(disk.Path));
    }

    private static void AssertSaysDiskFull(JobFailedException failure, TinyDisk disk)
    {
        Assert.Equal(JobFailure.DiskFull, failure.Reason);
        Assert.IsType<IOException>(failure.InnerException);
        Assert.Contains("Make room there", failure.Message, StringComparison.Ordinal);
        Assert.Contains("No space left on device", failure.Message, StringComparison.Ordinal);
        Assert.Contains(disk.Path, failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, TaskFailure.Of(failure)!.Attempt);
    }

    private static Task NoFilesOfJobsAsync(TinyDisk disk) =>
        Gate.UntilAsync(
            () => !Directory.EnumerateFiles(disk.Path, "*-*-*", SearchOption.AllDirectories).Any(),
            "the files of the failed job are removed");
}
