using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Tests.Scheduling;

public sealed class StealingTests
{
    private readonly Scene _scene = new();

    [Fact]
    public void Consider_IdleWorkerComes_TheFullestQueueGivesHalfOfWhatItHasNotStarted()
    {
        WorkerView full = Fast(_scene.Worker(1));
        _scene.Submit(_scene.Stage(0, 6));
        full.Observe(100);
        _scene.Said();
        _scene.Worker(2);
        Assert.Equal("revoke 0/5 on w1; revoke 0/4 on w1; revoke 0/3 on w1", _scene.Said());
    }

    [Fact]
    public void Consider_AnswerIsStillAwaited_AsksForNoMore()
    {
        Fast(_scene.Worker(1)).Observe(100);
        _scene.Submit(_scene.Stage(0, 2));
        _scene.Worker(2);
        _scene.Said();
        _scene.Tick(50);
        Assert.Equal("", _scene.Said());
    }

    [Fact]
    public void Consider_FullestQueueLiesWithASilentWorker_TakesFromTheNext()
    {
        WorkerView silent = Fast(_scene.Worker(1));
        _scene.Submit(_scene.Stage(0, 6));
        silent.Observe(100);
        WorkerView full = Fast(_scene.Worker(2));
        _scene.Submit(_scene.Stage(1, 4));
        full.Observe(100);
        _scene.Tick(3001, silent);
        _scene.Said();
        _scene.Worker(3);
        _scene.Tick(1, silent);
        Assert.DoesNotContain("on w1", _scene.Said(), StringComparison.Ordinal);
    }

    [Fact]
    public void Consider_QueueIsDoneBeforeItCouldBeMoved_LeavesItAlone()
    {
        Fast(_scene.Worker(1));
        _scene.Submit(_scene.Stage(0, 100));
        _scene.Said();
        _scene.Worker(2);
        Assert.Equal("", _scene.Said());
    }

    [Fact]
    public void Consider_StartedPinnedOrCancelled_AreLeftWhereTheyAre()
    {
        WorkerView full = Fast(_scene.Worker(1));
        StageRun stage = _scene.Stage(0, 5);
        stage.Tasks[4].PinnedWorker = 1;
        _scene.Submit(stage);
        full.Observe(100);
        _scene.Core.Withdraw([stage.Tasks[3]], _scene.Now);
        _scene.Core.Observe(_scene.Copy("0/2").Id, 30, _scene.Now);
        _scene.Said();
        _scene.Worker(2);
        Assert.Equal("revoke 0/1 on w1; revoke 0/0 on w1", _scene.Said());
    }

    [Fact]
    public void Consider_NobodyIsIdle_TakesNothing()
    {
        _scene.Worker(1);
        _scene.Worker(2);
        _scene.Submit(_scene.Stage(0, 4));
        _scene.Said();
        _scene.Tick(1000);
        Assert.Equal("", _scene.Said());
    }

    private static WorkerView Fast(WorkerView worker)
    {
        worker.Observe(0.01);
        return worker;
    }
}
