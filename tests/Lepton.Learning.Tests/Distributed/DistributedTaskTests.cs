using System.Globalization;
using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Compute.Functions;

namespace Lepton.Learning.Tests.Distributed;

/// <summary>Jobs in the shape of MapReduce.</summary>
public sealed class DistributedTaskTests(ThreadsFixture threads) : IClassFixture<ThreadsFixture>
{
    private readonly LeptonSession _session = threads.Session;

    [Fact]
    public async Task RunAsync_RecordPartials_ReducesInTheOrderOfTheInputs()
    {
        string[] lines = ["a b a", "b", "c a", "a a a a"];
        WordTask.Total total = await _session.RunAsync(new WordTask("a"), lines);
        Assert.Equal(lines, total.Lines);
        Assert.Equal(7, total.Count);
    }

    [Fact]
    public async Task RunAsync_OneInputEach_TakesATaskForEachAndOneToReduce()
    {
        long before = _session.Statistics.Tasks;
        await _session.RunAsync(new WordTask("a"), ["a", "b", "c"]);
        Assert.Equal(4, _session.Statistics.Tasks - before);
    }

    [Fact]
    public async Task RunAsync_MoreInputsThanTasks_KeepsTheirOrder()
    {
        string[] lines = [.. Enumerable.Range(0, 3_000).Select(i => i.ToString("D5", CultureInfo.InvariantCulture))];
        long before = _session.Statistics.Tasks;
        WordTask.Total total = await _session.RunAsync(new WordTask("00007"), lines.Select(line => line));
        Assert.Equal(lines, total.Lines);
        Assert.Equal(1, total.Count);
        Assert.Equal(1_025, _session.Statistics.Tasks - before);
    }

    [Fact]
    public async Task RunAsync_NoInputs_ReducesNothing()
    {
        WordTask.Total total = await _session.RunAsync(new WordTask("a"), []);
        Assert.Empty(total.Lines);
        Assert.Equal(0, total.Count);
    }

    [Fact]
    public async Task RunAsync_MapThrows_ArrivesAsThrownAndTellsTheTask()
    {
        FormatException thrown = await Assert.ThrowsAsync<FormatException>(
            () => _session.RunAsync(new WordTask("a"), ["a", "b", "boom"]));
        Assert.Equal("no words in 'boom'", thrown.Message);
        Assert.Equal(2, TaskFailure.Of(thrown)?.Partition);
    }

    [Fact]
    public async Task RunAsync_FieldThatCantBeSent_IsRefusedWithThePathToIt()
    {
        using var stream = new MemoryStream();
        UnsendableException refused = await Assert.ThrowsAsync<UnsendableException>(
            () => _session.RunAsync(new StreamTask(stream), [1]));
        Assert.Contains("stream", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MemoryStream", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _session.RunAsync(new WordTask("a"), ["a"], cancelled.Token));
    }

    [Fact]
    public async Task RunAsync_WorkerProcesses_GiveTheSame()
    {
        await using LeptonSession workers = await ThreadsFixture.StartAsync(2, 0);
        string[] lines = ["x y", "y", "z y y"];
        WordTask.Total total = await workers.RunAsync(new WordTask("y"), lines);
        Assert.Equal(lines, total.Lines);
        Assert.Equal(4, total.Count);
    }

    private sealed class StreamTask(Stream stream) : DistributedTask<int, long, long>
    {
        public override long Map(int input) => stream.Length + input;

        public override long Reduce(IEnumerable<long> partials) => partials.Sum();
    }
}
