using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Faults;

/// <summary>What user code throws on a worker arrives as it was thrown, with the task that threw it.</summary>
public sealed class UserExceptionTests(UserExceptionTests.Shared shared) : IClassFixture<UserExceptionTests.Shared>
{
    [Fact]
    public async Task CustomException_Thrown_ArrivesWithTypeFieldsStackAndTask()
    {
        string folder = NewFolder();
        LedgerException thrown = await Assert.ThrowsAsync<LedgerException>(() => Failing(
            folder,
            static () => throw new LedgerException("4711", 12.5m, [1, 2, 3], new TimeoutException("the bank slept"))));

        Assert.Equal("account 4711 lacks 12.5", thrown.Message);
        Assert.Equal("4711", thrown.Account);
        Assert.Equal(12.5m, thrown.Missing);
        Assert.Equal([1, 2, 3], thrown.Entries);
        Assert.Equal("the bank slept", Assert.IsType<TimeoutException>(thrown.InnerException).Message);
        Assert.Contains(
            nameof(CustomException_Thrown_ArrivesWithTypeFieldsStackAndTask), thrown.StackTrace,
            StringComparison.Ordinal);
        TaskFailure where = Assert.IsType<TaskFailure>(TaskFailure.Of(thrown));
        Assert.Contains($"   in {where}. To run it again: lepton replay", $"{thrown}", StringComparison.Ordinal);
        Assert.Equal(1, where.Partition);
        Assert.Equal(0, where.Attempt);
        Assert.Matches("^w[0-9]+$", where.Worker);
        Assert.Contains("Range → SelectPartition", where.Stage, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task AggregateException_WithSeveral_ArrivesWithAllOfThem()
    {
        AggregateException thrown = await Assert.ThrowsAsync<AggregateException>(() => Failing(
            NewFolder(),
            static () => throw new AggregateException(
                "three things", new FormatException("one"), new LedgerException("2", 2, []),
                new ArgumentException("three", "p"))));

        Assert.Equal(3, thrown.InnerExceptions.Count);
        Assert.Equal("one", Assert.IsType<FormatException>(thrown.InnerExceptions[0]).Message);
        Assert.Equal("2", Assert.IsType<LedgerException>(thrown.InnerExceptions[1]).Account);
        Assert.Equal("p", Assert.IsType<ArgumentException>(thrown.InnerExceptions[2]).ParamName);
        Assert.Contains("three things", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("(one)", thrown.Message, StringComparison.Ordinal);
        Assert.Same(thrown.InnerExceptions[0], thrown.InnerException);
    }

    [Fact]
    public async Task AggregateException_WithOne_IsNotUnwrapped()
    {
        AggregateException thrown = await Assert.ThrowsAsync<AggregateException>(() => Failing(
            NewFolder(), static () => Task.FromException(new FormatException("inside")).Wait()));

        Assert.IsType<FormatException>(Assert.Single(thrown.InnerExceptions));
    }

    [Fact]
    public async Task FrameworkException_Thrown_KeepsItsState()
    {
        FileNotFoundException thrown = await Assert.ThrowsAsync<FileNotFoundException>(() => Failing(
            NewFolder(), static () => File.OpenRead("/nowhere.txt").Dispose()));

        Assert.Equal("/nowhere.txt", thrown.FileName);
        Assert.NotEqual(0, thrown.HResult);
    }

    [Fact]
    public async Task UserException_WithoutUserRetries_IsTriedOnce()
    {
        string folder = NewFolder();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Failing(
            folder, static () => throw new InvalidOperationException("no")));

        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task InputOutputError_ThatPasses_IsRetriedWithBackOff()
    {
        long retries = shared.Bench.Session.Statistics.RetryCount;
        string folder = NewFolder();
        long count = await shared.Bench.Session.Range(0, 4, partitions: 2)
            .SelectPartition((rows, context) =>
            {
                Tried(folder, context);
                return context is { Partition: 1, Attempt: < 3 } ? throw new IOException("the cable is loose") : rows;
            })
            .CountAsync();

        Assert.Equal(4, count);
        Assert.Equal(4, Directory.GetFiles(folder, "1-*").Length);
        SessionStatistics statistics = shared.Bench.Session.Statistics;
        Assert.Equal(3, statistics.RetryCount - retries);
        Assert.Contains(
            statistics.Retries,
            retry => retry.EndsWith("System.IO.IOException: the cable is loose", StringComparison.Ordinal));
    }

    [Fact]
    public async Task InputOutputError_ThatStays_FailsAfterItsRetries()
    {
        string folder = NewFolder();
        IOException thrown = await Assert.ThrowsAsync<IOException>(() => Failing(
            folder, static () => throw new IOException("the cable is cut")));

        Assert.Equal("the cable is cut", thrown.Message);
        Assert.Equal(5, Directory.GetFiles(folder).Length);
        Assert.Equal(4, TaskFailure.Of(thrown)!.Attempt);
    }

    [Fact]
    public async Task MalformedRow_WhileReading_IsTriedOnce()
    {
        string file = Path.Combine(NewFolder(), "rows.csv");
        await File.WriteAllTextAsync(file, "number\n1\n2\nthree\n");
        long retries = shared.Bench.Session.Statistics.RetryCount;

        MalformedRowException thrown = await Assert.ThrowsAsync<MalformedRowException>(() =>
            shared.Bench.Session.ReadCsv<Row>(file).CountAsync());

        Assert.Contains("three", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(4, thrown.Error.Line);
        Assert.Equal(retries, shared.Bench.Session.Statistics.RetryCount);
    }

    [Fact]
    public async Task MissingFile_InATask_IsTriedOnce()
    {
        string folder = NewFolder();
        await Assert.ThrowsAsync<FileNotFoundException>(() => Failing(
            folder, static () => File.OpenRead("/nowhere").Dispose()));

        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task FullDisk_InATask_IsTriedOnceAndKeepsItsCode()
    {
        string folder = NewFolder();
        JobFailedException failure = await Bench.FailureAsync(() => Failing(
            folder, static () => File.WriteAllText("/dev/full", "one byte too many")));

        Assert.Equal(JobFailure.DiskFull, failure.Reason);
        Assert.Equal(28, Assert.IsType<IOException>(failure.InnerException).HResult);
        Assert.Single(Directory.GetFiles(folder));
    }

    private Task<long> Failing(string folder, Action deed) =>
        shared.Bench.Session.Range(0, 30, partitions: 3)
            .SelectPartition((rows, context) =>
            {
                if (context.Partition == 1)
                {
                    Tried(folder, context);
                    deed();
                }

                return rows;
            })
            .CountAsync();

    private static void Tried(string folder, PartitionContext context) =>
        File.WriteAllBytes(Path.Combine(folder, $"{context.Partition}-{context.Attempt}"), []);

    private string NewFolder() => Directory.CreateDirectory(shared.Bench.Path($"tried-{++shared.Folders}")).FullName;

    /// <summary>A row of a file.</summary>
    public sealed record Row(int Number);

    /// <summary>One session for the class: none of its faults outlives a task.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal Bench Bench { get; private set; } = null!;

        internal int Folders { get; set; }

        public async ValueTask InitializeAsync() => Bench = await Bench.StartAsync();

        public ValueTask DisposeAsync() => Bench.DisposeAsync();
    }
}
