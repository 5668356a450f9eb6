using Lepton.Compute.Execution;
using Lepton.Compute.Protocol;

namespace Lepton.Compute.Tests.Execution;

public sealed class TaskContextTests : IDisposable
{
    private readonly TaskBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Watch_Cancelled_EndsSoon()
    {
        using var source = new CancellationTokenSource();
        TaskContext task = _bench.Task(cancellation: source.Token);
        int read = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (int i in task.Watch(Enumerable.Range(0, 10_000)))
            {
                read++;
                source.Cancel();
            }
        });
        Assert.InRange(read, 1, 256);
    }

    [Fact]
    public void SkipRow_MoreThanAreListed_CountsThemAll()
    {
        TaskContext task = _bench.Task();
        for (int i = 0; i < 5; i++)
        {
            task.SkipRow("a.csv", $"row {i}", samplesMax: 2);
        }

        task.SkipRow("b.csv", "row", samplesMax: 0);
        SkippedRowsMessage[] skipped = [.. task.Skipped.OrderBy(rows => rows.File, StringComparer.Ordinal)];
        Assert.Equal([("a.csv", 5L, 2), ("b.csv", 1L, 0)],
            skipped.Select(rows => (rows.File, rows.Count, rows.Samples.Count)));
    }

    [Fact]
    public void Split_NotSent_NamesTaskAndSource() => Assert.Equal(
        "Task 1/4 read partition 2 of source 9, which was not sent with it.",
        Assert.Throws<InvalidOperationException>(() => _bench.Task(partition: 4).Split(9, 2)).Message);

    [Fact]
    public void NewFile_Twice_GivesTwoNamesThatNoOtherTaskHas()
    {
        TaskContext task = _bench.Task();
        string[] names = [task.NewFile("run"), task.NewFile("run"), _bench.Task().NewFile("run"),
            _bench.Task(stage: 2).NewFile("run")];
        Assert.Equal(4, names.Distinct().Count());
        Assert.All(names, name => Assert.Equal(_bench.Root, Path.GetDirectoryName(name)));
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(512L << 20, "512 MiB")]
    [InlineData(5L << 50, "5 PiB")]
    public void ByteText_AnyCount_IsForPeople(long bytes, string text) => Assert.Equal(text, ByteText.Of(bytes));
}
