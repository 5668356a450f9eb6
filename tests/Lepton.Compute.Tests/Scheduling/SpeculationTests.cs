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
        DispatchEffect twin = Assert.Single(_scene.Core.Effects);
        Assert.Equal(
            $"{silent.Name}, which has its first copy, was not heard of for 3,001 ms", twin.Reason);
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
