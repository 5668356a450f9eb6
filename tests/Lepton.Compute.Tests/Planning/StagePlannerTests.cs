using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;
using Lepton.Compute.Formats;
using Lepton.Compute.Planning;
using Lepton.Compute.Plans;
using Lepton.Compute.Scheduling;
using Lepton.Compute.Tests.Datasets;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Planning;

/// <summary>A lineage is cut at its shuffles, and only there.</summary>
public sealed class StagePlannerTests : IClassFixture<ThreadsSession>
{
    private readonly LeptonSession _session;
    private readonly CacheRegistry _caches = new();
    private readonly StagePlanner _planner;
    private int _lastStage = -1;

    public StagePlannerTests(ThreadsSession threads)
    {
        _session = threads.Session;
        _planner = new StagePlanner(() => ++_lastStage, _caches, new ActionFiles(Path.GetTempPath(), 1));
    }

    private Dataset<int> Numbers => _session.From(Enumerable.Range(0, 12), 4);

    [Fact]
    public void Plan_NarrowSteps_AreOneStage()
    {
        StageRun stage = Plan(Numbers.Select(i => i).Where(i => i > 1).SelectMany(i => new[] { i }).Sample(0.5, 1));
        Assert.Equal("From → Select → Where → SelectMany → Sample", stage.Label);
        Assert.Equal((4, 0, 1), (stage.Tasks.Length, stage.Inputs.Count, _planner.Planned.Count));
        Assert.Null(stage.Outputs);
        Assert.Null(stage.Locate);
    }

    [Fact]
    public void Plan_Shuffles_CutProducersFirst()
    {
        StageRun result = Plan(Numbers.Repartition(3).Select(i => i).Distinct(2));
        Assert.Equal(
            ["From", "Repartition → Select", "Distinct → Select"], _planner.Planned.Select(plan => plan.Run.Label));
        Assert.Equal([4, 3, 2], _planner.Planned.Select(plan => plan.Run.Tasks.Length));
        StageRun middle = Assert.Single(result.Inputs).Producer;
        Assert.Same(_planner.Planned[1].Run, middle);
        Assert.NotNull(middle.Outputs);
        Assert.Same(_planner.Planned[0].Run, Assert.Single(middle.Inputs).Producer);
    }

    [Fact]
    public void Plan_ShuffleReadTwice_IsPlannedOnce()
    {
        Dataset<int> shuffled = Numbers.Repartition(3);
        StageRun result = Plan(shuffled.Select(i => i + 1).Union(shuffled));
        Assert.Single(result.Inputs);
        Assert.Equal((2, 6), (_planner.Planned.Count, result.Tasks.Length));
    }

    [Fact]
    public void Plan_SecondResultOfAnAction_UsesTheShufflesOfTheFirst()
    {
        Dataset<int> shuffled = Numbers.Repartition(3);
        StageRun first = Plan(shuffled);
        StageRun second = Plan(shuffled.Select(i => i));
        Assert.Single(_planner.Planned);
        Assert.Same(first.Inputs[0].Producer, second.Inputs[0].Producer);
    }

    [Fact]
    public void Plan_CacheBehindAShuffle_ShieldsIt()
    {
        Dataset<int> cached = Numbers.Repartition(3).Cache();
        StageRun stage = Plan(cached.Select(i => i));
        CacheRef shield = Assert.Single(Assert.Single(stage.Inputs).ShieldingCaches);
        Assert.Equal(3, shield.PartitionCount);
        _caches.Add(shield.CacheId, 1, worker: 7);
        Assert.Equal([-1, 7, -1], [stage.Locate!(0), stage.Locate(1), stage.Locate(2)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Plan_SameShuffleAlsoReadAroundTheCache_IsNotShielded(bool cachedFirst)
    {
        Dataset<int> shuffled = Numbers.Repartition(3);
        Dataset<int> cached = shuffled.Cache();
        StageRun stage = Plan(cachedFirst ? cached.Union(shuffled) : shuffled.Union(cached));
        Assert.Empty(Assert.Single(stage.Inputs).ShieldingCaches);
        int shift = cachedFirst ? 0 : 3;
        _caches.Add(((ICached)cached.Node).CacheId, 2, worker: 5);
        Assert.Equal((5, -1), (stage.Locate!(2 + shift), stage.Locate(5 - shift)));
    }

    [Fact]
    public void Payload_Union_SendsEachTaskItsOwnSlice()
    {
        Dataset<int> other = _session.From([100, 101], 2);
        StagePlan plan = Planned(Numbers.Union(other));
        List<int[]> slices = [.. Enumerable.Range(0, 6).Select(partition => Slice(plan, partition))];
        Assert.Equal([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11], [100], [101]], slices);
    }

    [Fact]
    public void Payload_NoSources_IsEmpty() => Assert.Null(Planned(_session.Range(0, 5)).Payload(0));

    [Fact]
    public void Plan_TypeThatCannotBeCoded_IsRefused() => Assert.Throws<UncodableTypeException>(
        () => Plan(Numbers.Select(_ => Stream.Null).Repartition(2).Select(_ => 1)));

    [Fact]
    public void Prepare_CancelledWhileAFileIsScanned_StopsAndCanBeDoneAgain()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("rows.csv", string.Concat(Enumerable.Repeat("1,2\n", 1000)));
        using var source = new CancellationTokenSource();
        PlanNode<(int, int)> rows = _session.ReadCsv<(int, int)>(
            path, new CsvOptions { HasHeader = false }, splitBytes: 100).Node;
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => rows.Prepare(source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => _planner.Prepare(rows, source.Token));
        rows.Prepare(CancellationToken.None);
        Assert.Equal(40, rows.PartitionCount);
    }

    [Fact]
    public void Visit_Stopped_GoesNoFurther()
    {
        Dataset<int> data = Numbers.Union(_session.From([1], 1)).Cache().Select(i => i);
        _planner.Prepare(data.Node, CancellationToken.None);
        var seen = new List<(string, int)>();
        StageWalk.Visit(data.Node, 4, (node, partition) =>
        {
            seen.Add((node.Label, partition));
            return node is not ICached;
        });
        Assert.Equal([("Select", 4), ("Cache", 4)], seen);
        seen.Clear();
        StageWalk.Visit(data.Node, 4, (node, partition) =>
        {
            seen.Add((node.Label, partition));
            return true;
        });
        Assert.Equal([("Select", 4), ("Cache", 4), ("Union", 4), ("From", 0)], seen);
    }

    private static int[] Slice(StagePlan plan, int partition)
    {
        ReadOnlyMemory<byte> payload = ActionFiles.Unpack(plan.Payload(partition));
        ReadOnlyMemory<byte> bytes = Assert.Single(SplitPayload.Read(payload)).Value;
        var reader = new RecordReader(bytes.Span);
        int[] slice = new int[reader.ReadLength(0)];
        for (int i = 0; i < slice.Length; i++)
        {
            slice[i] = RecordCodec.For<int>().Read(ref reader);
        }

        return slice;
    }

    private StageRun Plan(Dataset<int> data) => Planned(data).Run;

    private StagePlan Planned<T>(Dataset<T> data) =>
        _planner.Plan(data.Node, new ResultProgram<T, int>(data.Node, (records, _) => records.Count()),
            CancellationToken.None);
}
