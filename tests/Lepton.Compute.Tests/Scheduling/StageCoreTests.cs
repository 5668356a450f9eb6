using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Tests.Scheduling;

public sealed class StageCoreTests
{
    private readonly Scene _scene = new();

    [Fact]
    public void Activate_Chain_RunsProducersFirst()
    {
        _scene.Worker(1, slots: 8);
        StageRun first = _scene.Stage(0, 2);
        StageRun second = _scene.Stage(1, 1, first);
        StageRun third = _scene.Stage(2, 1, second);
        _scene.Stages.Activate(third, _scene.Now);
        Assert.Equal("0/0 on w1; 0/1 on w1", _scene.Said());
        Assert.False(second.InputsReady);
        _scene.Succeed("0/1");
        Assert.Equal("", _scene.Said());
        _scene.Succeed("0/0");
        Assert.Equal("1/0 on w1", _scene.Said());
        Assert.False(first.IsActive);
        _scene.Succeed("1/0");
        Assert.Equal("2/0 on w1", _scene.Said());
        _scene.Succeed("2/0");
        Assert.True(third.IsComplete);
        Assert.True(_scene.Core.IsIdle);
        Assert.Equal([first, second, third], _scene.Stages.Stages);
    }

    [Fact]
    public void Activate_ProducerOfTwoStages_RunsOnce()
    {
        _scene.Worker(1, slots: 8);
        StageRun shared = _scene.Stage(0, 1);
        StageRun left = _scene.Stage(1, 1, shared);
        StageRun right = _scene.Stage(2, 1, shared);
        StageRun join = _scene.Stage(3, 1, left, right);
        _scene.Stages.Activate(join, _scene.Now);
        Assert.Equal("0/0 on w1", _scene.Said());
        _scene.Succeed("0/0");
        Assert.Equal("1/0 on w1; 2/0 on w1", _scene.Said());
        _scene.Succeed("2/0");
        Assert.Equal("", _scene.Said());
        _scene.Succeed("1/0");
        Assert.Equal("3/0 on w1", _scene.Said());
    }

    /// <summary>
    /// As an iterative job makes them: each stage reads the last two. There are as many ways to the first as
    /// Fibonacci's 79th number says, some 10^16.
    /// </summary>
    [Fact]
    public void Activate_ManyWaysToOneProducer_LooksAtEachStageOnce()
    {
        _scene.Worker(1, slots: 8);
        List<StageRun> stages = [_scene.Stage(0, 1), _scene.Stage(1, 1)];
        for (int i = 2; i < 80; i++)
        {
            stages.Add(_scene.Stage(i, 1, stages[^1], stages[^2]));
        }

        _scene.Stages.Activate(stages[^1], _scene.Now);
        Assert.Equal("0/0 on w1; 1/0 on w1", Sorted(_scene.Said()));
        Assert.All(stages, stage => Assert.True(stage.IsActive));
    }

    [Fact]
    public void Activate_StageIsDoneAlready_DoesNothing()
    {
        _scene.Worker(1);
        StageRun stage = _scene.Stage(0, 1);
        _scene.Stages.Activate(stage, _scene.Now);
        _scene.Succeed("0/0");
        _scene.Said();
        _scene.Stages.Activate(stage, _scene.Now);
        Assert.Equal("", _scene.Said());
    }

    [Fact]
    public void Activate_ProducerWithoutTasks_CountsAsDone()
    {
        _scene.Worker(1);
        StageRun stage = _scene.Stage(1, 1, _scene.Stage(0, 0));
        _scene.Stages.Activate(stage, _scene.Now);
        Assert.Equal("1/0 on w1", _scene.Said());
    }

    [Fact]
    public void Recover_OutputsLost_RunsJustTheLostOnesAgain()
    {
        WorkerView lost = _scene.Worker(1, slots: 2);
        _scene.Worker(2, slots: 2);
        StageRun producer = _scene.Stage(0, 4);
        StageRun consumer = _scene.Stage(1, 1, producer);
        _scene.Stages.Activate(consumer, _scene.Now);
        foreach (TaskEntry task in producer.Tasks)
        {
            _scene.Succeed(task.ToString());
        }

        _scene.Said();
        int[] gone = [.. Enumerable.Range(0, 4).Where(partition => producer.OutputWorkers[partition] == lost.Id)];
        Assert.NotEmpty(gone);
        Assert.NotEqual(4, gone.Length);
        int version = consumer.InputVersion;
        TaskCopy reader = _scene.Copy("1/0");
        _scene.Die(lost, reader.Worker == lost ? ["1/0"] : []);
        string[] assigned = [.. _scene.Said().Split("; ").Where(line =>
            !line.StartsWith("retry", StringComparison.Ordinal))];
        Assert.Equal(gone.Select(partition => $"0/{partition} on w2"), assigned);
        foreach (int partition in gone)
        {
            _scene.Succeed($"0/{partition}");
        }

        Assert.True(consumer.InputVersion > version);
        Assert.All(producer.Outputs!, output => Assert.Equal("w2", output!.Worker));
    }

    [Fact]
    public void Recover_LostThroughSeveralStages_GoesBackAsFarAsNeeded()
    {
        WorkerView lost = _scene.Worker(1);
        StageRun first = _scene.Stage(0, 1);
        StageRun second = _scene.Stage(1, 1, first);
        StageRun third = _scene.Stage(2, 1, second);
        _scene.Stages.Activate(third, _scene.Now);
        _scene.Succeed("0/0");
        _scene.Succeed("1/0");
        _scene.Said();
        _scene.Worker(2);
        _scene.Die(lost);
        Assert.Equal("retry 2/0 after 0 ms: w1 was lost (killed by SIGKILL); 0/0 on w2", _scene.Said());
        _scene.Succeed("0/0");
        Assert.Equal("1/0 on w2", _scene.Said());
        _scene.Succeed("1/0");
        Assert.Equal("2/0 on w2", _scene.Said());
    }

    [Fact]
    public void Recover_OutputNobodyReadsAnyMore_IsNotMadeAgain()
    {
        WorkerView lost = _scene.Worker(1);
        StageRun first = _scene.Stage(0, 1);
        StageRun second = _scene.Stage(1, 1, first);
        StageRun third = _scene.Stage(2, 1, second);
        _scene.Stages.Activate(third, _scene.Now);
        _scene.Succeed("0/0");
        _scene.Worker(2);
        _scene.Core.RemoveWorker(1, new HashSet<long>(), "x", _scene.Now);
        _scene.Worker(3);
        _scene.Succeed("1/0");
        _scene.Said();
        Assert.Equal([(first, 0)], _scene.Stages.ForgetWorker(lost.Id));
        _scene.Stages.Recover(_scene.Now);
        Assert.Equal("", _scene.Said());
    }

    [Fact]
    public void Activate_WholeCacheInBetween_LeavesTheProducerAlone()
    {
        _scene.Worker(1);
        StageRun producer = _scene.Stage(0, 1);
        StageRun consumer = Cached(producer, partitions: 1);
        _scene.Caches.Add(9, 0, worker: 1);
        _scene.Stages.Activate(consumer, _scene.Now);
        Assert.Equal("1/0 on w1", _scene.Said());
        Assert.False(producer.IsActive);
    }

    [Fact]
    public void Recover_CacheIsLost_TheProducerRunsAfterAll()
    {
        WorkerView holder = _scene.Worker(1);
        StageRun consumer = Cached(_scene.Stage(0, 1), partitions: 1);
        _scene.Caches.Add(9, 0, worker: 1);
        _scene.Stages.Activate(consumer, _scene.Now);
        _scene.Said();
        _scene.Worker(2);
        _scene.Die(holder);
        Assert.Equal("retry 1/0 after 0 ms: w1 was lost (killed by SIGKILL); 0/0 on w2", _scene.Said());
        _scene.Succeed("0/0");
        Assert.Equal("1/0 on w2", _scene.Said());
    }

    /// <summary>The cache becomes whole by another job while this one waits for the producer; then some worker
    /// dies.</summary>
    [Fact]
    public void ForgetWorker_CacheBecameWholeMeanwhile_TheStageIsStillSubmitted()
    {
        _scene.Worker(1);
        WorkerView bystander = _scene.Worker(2);
        StageRun consumer = Cached(_scene.Stage(0, 1), partitions: 1);
        _scene.Stages.Activate(consumer, _scene.Now);
        _scene.Caches.Add(9, 0, worker: 1);
        _scene.Said();
        _scene.Die(bystander);
        Assert.Equal("1/0 on w1", _scene.Said());
    }

    [Fact]
    public void FetchFailed_LostOutput_IsMadeAgainAndTheReaderWaits()
    {
        _scene.Worker(1, slots: 4);
        StageRun producer = _scene.Stage(0, 2);
        StageRun consumer = _scene.Stage(1, 1, producer);
        _scene.Stages.Activate(consumer, _scene.Now);
        _scene.Succeed("0/0");
        _scene.Succeed("0/1");
        _scene.Said();
        Assert.Null(_scene.Stages.FetchFailed(_scene.Copy("1/0"), producer.Id, 1, "damaged", _scene.Now));
        Assert.Equal("0/1 on w1", _scene.Said());
        Assert.Equal(TaskPhase.Blocked, consumer.Tasks[0].Phase);
        Assert.Equal(0, consumer.Tasks[0].Failures);
        _scene.Succeed("0/1");
        Assert.Equal("1/0 on w1", _scene.Said());
    }

    [Fact]
    public void FetchFailed_OfAnOlderVersion_LeavesTheNewOutputAlone()
    {
        _scene.Worker(1, slots: 4);
        StageRun producer = _scene.Stage(0, 1);
        StageRun consumer = _scene.Stage(1, 2, producer);
        _scene.Stages.Activate(consumer, _scene.Now);
        _scene.Succeed("0/0");
        TaskCopy late = _scene.Copy("1/1");
        _scene.Stages.FetchFailed(_scene.Copy("1/0"), producer.Id, 0, "damaged", _scene.Now);
        _scene.Succeed("0/0");
        _scene.Said();
        _scene.Stages.FetchFailed(late, producer.Id, 0, "damaged", _scene.Now);
        Assert.Equal("1/1 on w1", _scene.Said());
        Assert.True(producer.IsComplete);
    }

    [Fact]
    public void FetchFailed_ForEver_GivesAnError()
    {
        _scene.Worker(1);
        StageRun producer = _scene.Stage(0, 1);
        StageRun consumer = _scene.Stage(1, 1, producer);
        _scene.Stages.Activate(consumer, _scene.Now);
        for (int i = 0; i < 12; i++)
        {
            _scene.Succeed("0/0");
            Assert.Null(_scene.Stages.FetchFailed(_scene.Copy("1/0"), producer.Id, 0, "damaged", _scene.Now));
        }

        _scene.Succeed("0/0");
        Assert.Equal(
            "its input could not be read 12 times; the last time: damaged",
            _scene.Stages.FetchFailed(_scene.Copy("1/0"), producer.Id, 0, "damaged", _scene.Now));
    }

    [Fact]
    public void FetchFailed_AfterTheActionEnded_StartsNothing()
    {
        _scene.Worker(1);
        StageRun producer = _scene.Stage(0, 1);
        StageRun consumer = _scene.Stage(1, 1, producer);
        _scene.Stages.Activate(consumer, _scene.Now);
        _scene.Succeed("0/0");
        TaskCopy late = _scene.Copy("1/0");
        _scene.Stages.Withdraw(_scene.Now);
        _scene.Said();
        Assert.Null(_scene.Stages.FetchFailed(late, producer.Id, 0, "damaged", _scene.Now));
        Assert.Equal("", _scene.Said());
        Assert.True(_scene.Core.IsIdle);
        _scene.Stages.Recover(_scene.Now);
        _scene.Stages.Activate(consumer, _scene.Now);
        Assert.Equal("", _scene.Said());
    }

    [Fact]
    public void Take_InputsWereLost_TheTaskIsBlockedUntilTheyAreThere()
    {
        WorkerView lost = _scene.Worker(1);
        StageRun producer = _scene.Stage(0, 1);
        StageRun consumer = _scene.Stage(1, 3, producer);
        _scene.Stages.Activate(consumer, _scene.Now);
        _scene.Succeed("0/0");
        _scene.Said();
        _scene.Die(lost, "1/0");
        _scene.Worker(2);
        string said = _scene.Said();
        Assert.EndsWith("0/0 on w2", said, StringComparison.Ordinal);
        Assert.DoesNotContain("1/0 on", said, StringComparison.Ordinal);
        _scene.Tick(1000);
        Assert.Equal("", _scene.Said());
        Assert.All(consumer.Tasks, task => Assert.Equal(TaskPhase.Blocked, task.Phase));
        _scene.Succeed("0/0");
        Assert.Equal("1/0 on w2; 1/1 on w2; 1/2 on w2", _scene.Said());
    }

    [Fact]
    public void Activate_PartitionsCached_ArePinnedToTheirHolders()
    {
        _scene.Worker(1);
        _scene.Worker(2);
        StageRun stage = _scene.Stage(0, 2, [], partition => partition == 0 ? 2 : -1);
        _scene.Stages.Activate(stage, _scene.Now);
        Assert.Equal("0/0 on w2; 0/1 on w1", _scene.Said());
    }

    private StageRun Cached(StageRun producer, int partitions) =>
        _scene.Stage(
            1, partitions, [new StageInput(producer.Id, producer, [new CacheRef(9, partitions)])],
            partition => _scene.Caches.WorkerOf(9, partition));

    private static string Sorted(string said) =>
        string.Join("; ", said.Split("; ").Order(StringComparer.Ordinal));
}
