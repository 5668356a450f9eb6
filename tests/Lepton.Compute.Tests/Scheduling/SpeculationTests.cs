using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Tests.Scheduling;

public sealed class SpeculationTests
{
    private readonly Scene _scene = new();
    private readonly StageRun _stage;

    public SpeculationTests()
    {
        _scene.Worker(1);
        _scene.Worker(2);
        _stage = _scene.Stage(0, 4);
        _scene.Submit(_stage);
        _scene.Said();
    }

    [Fact]
    public void Tick_MuchSlowerThanTheOthers_GetsATwinOnAnotherWorker()
    {
        Finish("0/1", "0/2", "0/3");
        See("0/0", 1001);
        Assert.Equal("twin 0/0 on w2", Ticked());
        See("0/0", 2000);
        Assert.Equal("", Ticked());
        Assert.Equal(2, _stage.Tasks[0].Attempts);
    }

    [Fact]
    public void Tick_Twin_SaysWhy()
    {
        Finish("0/1", "0/2", "0/3");
        See("0/0", 1234);
        _scene.Tick();
        Assert.Equal(
            "its first copy has run for 1,234 ms on w1; the others of its stage let expect 1,000 ms at most",
            Assert.Single(_scene.Core.Effects).Reason);
    }

    [Fact]
    public void Tick_WorkerIsNotHeardOf_ItsTasksGetTwinsWithoutAWordOfIt()
    {
        WorkerView silent = _scene.Copy("0/0").Worker;
        Finish([.. _stage.Tasks.Where(task => task.Copies[0].Worker != silent).Select(task => $"{task}")]);
        _scene.Tick(2999, silent);
        Assert.DoesNotContain("twin", _scene.Said(), StringComparison.Ordinal);
        _scene.Tick(2, silent);
        Assert.Equal(2, _scene.Core.Effects.Count);
        Assert.All(_scene.Core.Effects, static effect => Assert.True(effect.Copy!.IsSpeculative));
        Assert.All(_scene.Core.Effects, effect => Assert.Equal(
            $"{silent.Name}, which has its first copy, was not heard of for 3,001 ms", effect.Reason));
    }

    /// <summary>The first slow copy finds nobody but its own worker; that must not keep the others waiting.</summary>
    [Fact]
    public void Tick_FirstSlowCopyHasNoFreeWorker_TheNextOneGetsItsTwin()
    {
        Scene scene = new();
        WorkerView busy = scene.Worker(1, slots: 2);
        WorkerView silent = scene.Worker(2, slots: 2);
        StageRun stage = scene.Stage(0, 4);
        scene.Submit(stage);
        scene.Succeed("0/0", worker: busy);
        scene.Succeed("0/1", worker: silent);
        scene.Said();
        TaskCopy slow = Assert.Single(busy.Outstanding);
        TaskCopy lost = Assert.Single(silent.Outstanding);
        scene.Core.Observe(slow.Id, 60_000, scene.Now);
        scene.Tick(3001, silent);
        Assert.Equal($"twin {lost.Task} on w1", scene.Said());
    }

    [Fact]
    public void Tick_SilentWorkerHoldsManyTinyTasks_AllGetTwinsAtOnce()
    {
        Scene scene = new();
        WorkerView worker = scene.Worker(1);
        WorkerView silent = scene.Worker(2);
        foreach (WorkerView view in new[] { worker, silent })
        {
            view.Observe(taskMs: 0.01);
        }

        scene.Submit(scene.Stage(0, 200));
        int held = silent.Outstanding.Count;
        foreach (TaskCopy copy in worker.Outstanding.ToList())
        {
            scene.Core.Succeed(copy, 0.01, scene.Now);
        }

        scene.Said();
        scene.Tick(3001, silent);
        Assert.True(held > 50, $"{held} tasks wait at the silent worker");
        Assert.Equal(held, scene.Core.Effects.Count(effect => effect.Kind == DispatchEffectKind.Assign));
    }

    [Fact]
    public void Tick_PinnedToASilentWorker_GetsATwinWhereNoCacheStandsForAnInput()
    {
        Scene scene = new();
        WorkerView silent = scene.Worker(1);
        scene.Worker(2);
        StageRun stage = scene.Stage(0, 1, [], locate: static _ => 1);
        scene.Stages.Activate(stage, scene.Now);
        Assert.Equal("0/0 on w1", scene.Said());
        scene.Tick(3001, silent);
        Assert.Equal("twin 0/0 on w2", scene.Said());
    }

    [Fact]
    public void Submit_AWorkerIsSilent_ItGetsNothing()
    {
        Scene scene = new();
        WorkerView silent = scene.Worker(1);
        scene.Worker(2);
        scene.Tick(3001, silent);
        scene.Submit(scene.Stage(0, 1));
        Assert.Equal("0/0 on w2", scene.Said());
    }

    [Fact]
    public void Tick_NotYetHalfOfTheStageDone_NoTwin()
    {
        Finish("0/1");
        See("0/0", 60_000);
        Assert.Equal("", Ticked());
    }

    [Fact]
    public void Tick_NotYetTwiceTheMedian_NoTwin()
    {
        Finish("0/1", "0/2", "0/3");
        See("0/0", 1000);
        Assert.Equal("", Ticked());
    }

    [Fact]
    public void Tick_ShorterThanSpeculateAfter_NoTwin()
    {
        _scene.Succeed("0/1", ms: 1);
        _scene.Succeed("0/2", ms: 1);
        _scene.Succeed("0/3", ms: 1);
        _scene.Said();
        See("0/0", 999);
        Assert.Equal("", Ticked());
    }

    [Fact]
    public void Tick_TasksWait_NoTwin()
    {
        Finish("0/1", "0/2", "0/3");
        _scene.Submit(_scene.Stage(1, 40));
        _scene.Said();
        See("0/0", 60_000);
        Assert.Equal("", Ticked());
    }

    [Fact]
    public void Tick_OthersBusy_NoTwin()
    {
        Finish("0/1", "0/2", "0/3");
        _scene.Submit(_scene.Stage(1, 1));
        _scene.Said();
        See("0/0", 60_000);
        Assert.Equal("", Ticked());
    }

    [Fact]
    public void Tick_InputsAreBeingMadeAgain_NoTwin()
    {
        Finish("0/1", "0/2", "0/3");
        _stage.InputsReady = false;
        See("0/0", 60_000);
        Assert.Equal("", Ticked());
    }

    [Fact]
    public void Tick_Pinned_NoTwin()
    {
        Finish("0/1", "0/2", "0/3");
        _stage.Tasks[0].PinnedWorker = 1;
        See("0/0", 60_000);
        Assert.Equal("", Ticked());
    }

    [Fact]
    public void Tick_SwitchedOff_NoTwin()
    {
        Scene scene = new(new DispatchOptions { Speculate = false });
        scene.Worker(1);
        scene.Worker(2);
        scene.Submit(scene.Stage(0, 2));
        scene.Succeed("0/1");
        scene.Said();
        scene.Core.Observe(scene.Copy("0/0").Id, 60_000, scene.Now);
        scene.Tick();
        Assert.Equal("", scene.Said());
    }

    private void Finish(params string[] tasks)
    {
        foreach (string task in tasks)
        {
            _scene.Succeed(task, ms: 500);
        }

        _scene.Said();
    }

    private void See(string task, long elapsedMs) =>
        _scene.Core.Observe(_scene.Task(task).Copies[0].Id, elapsedMs, _scene.Now);

    private string Ticked()
    {
        _scene.Tick(50);
        return _scene.Said();
    }
}
