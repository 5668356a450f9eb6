using Lepton.Compute.Datasets;
using Lepton.Core.Partitioning;

namespace Lepton.Compute.Tests.Datasets;

/// <summary>What can't be meant is refused where it is written, with the name of the parameter.</summary>
public sealed class ArgumentTests(ThreadsSession threads) : IClassFixture<ThreadsSession>
{
    private readonly LeptonSession _session = threads.Session;

    private Dataset<int> Data => _session.From([1, 2, 3]);

    [Fact]
    public void Partitions_LessThanOne_AreRefused()
    {
        Action[] calls =
        [
            () => _session.From([1], 0), () => _session.Range(0, 1, 0), () => _session.Generate(0, _ => new[] { 1 }),
            () => Data.Repartition(0), () => Data.Distinct(0), () => Data.GroupBy(i => i, 0), () =>
                Data.CountByKey(i => i, -1),
            () => Data.ReduceByKey(i => i, i => i, (a, _) => a, 0),
            () => Data.AggregateByKey(i => i, i => i, (a, _) => a, (a, _) => a, 0),
            () => Data.OrderBy(i => i, partitions: 0), () => Data.OrderByDescending(i => i, partitions: -4),
            () => Data.Join(Data, i => i, i => i, (a, _) => a, 0), () =>
                Data.LeftJoin(Data, i => i, i => i, (a, _) => a, 0),
            () => Data.FullJoin(Data, i => i, i => i, (a, _) => a, 0), () =>
                _session.ReadUrls(["http://a/"], partitions: 0),
        ];
        Assert.All(calls, call => Assert.StartsWith(
            "A data set has one partition or more. Leave it out for the default. (Parameter 'partitions')",
            Assert.Throws<ArgumentOutOfRangeException>("partitions", call).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Partitions_MoreThanCanBeServed_AreRefused()
    {
        Data.Repartition(65_536);
        const string says = "A data set has at most 65,536 partitions: each is a task, and every task that shuffles " +
            "holds a buffer for each. A few for each core are enough; for keys of your own, let several share a " +
            "partition. (Parameter 'p";
        Action[] calls =
        [
            () => Data.Repartition(65_537), () => Data.Distinct(100_000_000), () => Data.GroupBy(i => i, 100_000),
            () => Data.OrderBy(i => i, partitions: int.MaxValue), () => _session.Range(0, 1 << 20, 1 << 20),
            () => _session.Generate(int.MaxValue, _ => new[] { 1 }),
            () => Data.PartitionBy(i => i, new HashPartitioner<int>(1 << 17)),
        ];
        Assert.All(calls, call => Assert.StartsWith(
            says, Assert.Throws<ArgumentOutOfRangeException>(call).Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Sample_FractionOutOfRange_IsRefused(double fraction) => Assert.StartsWith(
        "A fraction lies between 0 and 1.",
        Assert.Throws<ArgumentOutOfRangeException>(nameof(fraction), () =>
            Data.Sample(fraction, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Numbers_OutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("count", () => _session.Range(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>("start", () => _session.Range(long.MaxValue, 2));
        Assert.Throws<ArgumentOutOfRangeException>("splitBytes", () => _session.ReadText("a", 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("count", () => Data.TakeAsync(-1));
    }

    [Fact]
    public async Task TwoSessions_DoNotMix()
    {
        await using LeptonSession other = await LeptonSession.LocalAsync(
            threads: 1, options: new LeptonSessionOptions { EventLogPath = "" });
        Dataset<int> foreign = other.From([1]);
        Assert.StartsWith(
            "Union takes data sets of one session only. Read the other one in this session.",
            Assert.Throws<ArgumentException>("others", () => Data.Union(foreign)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Both sides of a join belong to one session. Read the right side in the left one's.",
            Assert.Throws<ArgumentException>("right", () => Data.Join(foreign, i => i, i => i, (a, _) => a)).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Union takes data sets, and one of those given is null.",
            Assert.Throws<ArgumentException>("others", () =>
                Data.Union(Data, null!)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_Null_AreRefusedWhereTheyAreGiven()
    {
        Assert.Throws<ArgumentNullException>("selector", () => Data.Select<int>(null!));
        Assert.Throws<ArgumentNullException>("selector", () => Data.SelectMany<int>(null!));
        Assert.Throws<ArgumentNullException>("predicate", () => Data.Where(null!));
        Assert.Throws<ArgumentNullException>("selector", () =>
            Data.SelectPartition((Func<IEnumerable<int>, int[]>)null!));
        Assert.Throws<ArgumentNullException>("others", () => Data.Union(null!));
        Assert.Throws<ArgumentNullException>("key", () => Data.PartitionBy<int>(null!, new HashPartitioner<int>(2)));
        Assert.Throws<ArgumentNullException>("partitioner", () => Data.PartitionBy(i => i, null!));
        Assert.Throws<ArgumentException>("directory", () => Data.Checkpoint(""));
        Assert.Throws<ArgumentNullException>("key", () => Data.GroupBy<int, int>(null!));
        Assert.Throws<ArgumentNullException>("key", () => Data.CountByKey<int, int>(null!));
        Assert.Throws<ArgumentNullException>("value", () =>
            Data.ReduceByKey<int, int, int>(i => i, null!, (a, _) => a));
        Assert.Throws<ArgumentNullException>("merge", () => Data.ReduceByKey(i => i, i => i, null!));
        Assert.Throws<ArgumentNullException>("leftKey", () =>
            Data.Join<int, int, int, int>(Data, null!, i => i, (a, _) => a));
        Assert.Throws<ArgumentNullException>("right", () =>
            Data.Join<int, int, int, int>(null!, i => i, i => i, (a, _) => a));
        Assert.Throws<ArgumentNullException>("result", () =>
            Data.LeftJoin<int, int, int, int>(Data, i => i, i => i, null!));
        Assert.Throws<ArgumentNullException>("key", () => Data.OrderBy<int, int>(null!));
        Assert.Throws<ArgumentNullException>("next", () => Data.OrderBy(i => i).ThenBy<int, int, int>(null!));
        Assert.Throws<ArgumentNullException>("items", () => _session.From<int>(null!));
        Assert.Throws<ArgumentNullException>("generator", () => _session.Generate<int>(1, null!));
        Assert.Throws<ArgumentNullException>("path", () => _session.ReadText(null!));
        Assert.Throws<ArgumentNullException>("session", () => default(LeptonSession)!.Range(0, 1));
    }

    [Fact]
    public async Task Actions_Null_AreRefused()
    {
        await Assert.ThrowsAsync<ArgumentNullException>("source", () => default(Dataset<int>)!.CountAsync());
        await Assert.ThrowsAsync<ArgumentNullException>("action", () => Data.ForEachAsync((Action<int>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>("action", () => Data.ForEachAsync((Func<int, Task>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>("number", () => Data.SumAsync<int, int>(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("key", () => Data.MinAsync<int, int>(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(
            "accumulate", () => Data.AggregateAsync(() => 0, null!, (a, _) => a));
        await Assert.ThrowsAsync<ArgumentException>("path", () => Data.Select(i => $"{i}").WriteTextAsync(""));
    }
}
