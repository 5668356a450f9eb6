using Lepton.Compute.Scheduling;
using Lepton.Core.Balancing;

namespace Lepton.Compute.Tests.Scheduling;

public sealed class DispatchCoreTests
{
    private readonly Scene _scene = new();

    [Fact]
    public void Submit_TwoWorkers_TakeTurnsUpToTheirWindows()
    {
        _scene.Worker(1);
        _scene.Worker(2);
        StageRun stage = _scene.Stage(0, 5);
        _scene.Submit(stage);
        Assert.Equal("0/0 on w1; 0/1 on w2; 0/2 on w1; 0/3 on w2", _scene.Said());
        Assert.Equal(TaskPhase.Ready, stage.Tasks[4].Phase);
    }

    [Fact]
    public void Submit_OneWorkerBusier_TheOtherComesFirst()
    {
        _scene.Worker(1, slots: 2);
        _scene.Submit(_scene.Stage(0, 2));
        _scene.Worker(2, slots: 2);
        _scene.Submit(_scene.Stage(1, 3));
        Assert.Equal("0/0 on w1; 0/1 on w1; 1/0 on w2; 1/1 on w2; 1/2 on w1", _scene.Said());
    }

    [Theory]
    [InlineData(typeof(LeastOutstandingPolicy), "w2 w2 w2 w2 w2 w1")]
    [InlineData(typeof(RoundRobinPolicy), "w2 w1 w2 w1 w2 w2")]
    [InlineData(typeof(SmoothWeightedRoundRobinPolicy), "w2 w1 w2 w2 w1 w2")]
    [InlineData(typeof(PowerOfTwoChoicesPolicy), "w2 w2 w2 w2 w2 w2")]
    public void Submit_AnyPolicy_ChoosesByIt(Type policy, string workers)
    {
        var scene = new Scene(new DispatchOptions { Balancing = () => Made(policy) });
        scene.Worker(1, slots: 2);
        scene.Submit(scene.Stage(0, 2));
        scene.Worker(2, slots: 4);
        scene.Said();

        scene.Submit(scene.Stage(1, 6));

        IEnumerable<string> given = scene.Said().Split("; ")
            .Where(said => said.StartsWith("1/", StringComparison.Ordinal));
        Assert.Equal(workers, string.Join(' ', given.Select(said => said.Split(' ')[^1])));
    }

    [Theory]
    [InlineData(-1, "returned -1 for 2 workers, expected an index from 0 to 1")]
    [InlineData(2, "returned 2 for 2 workers, expected an index from 0 to 1")]
    [InlineData(99, "threw InvalidOperationException for 2 workers, expected an index from 0 to 1: I can't choose.")]
    public void Submit_PolicyOfTheUserErrs_NamesItAndAssignsNothing(int chosen, string expected)
    {
        var scene = new Scene(new DispatchOptions { Balancing = () => new Erring(chosen) });
        scene.Worker(1);
        scene.Worker(2);

        scene.Submit(scene.Stage(0, 3));
        scene.Tick(afterMs: 100);

        Assert.Equal("", scene.Said());
        Assert.StartsWith(
            $"The balancing policy {typeof(Erring).FullName} {expected}", scene.Core.BalancingFault!.Text,
            StringComparison.Ordinal);
        Assert.Contains("Mend the policy", scene.Core.BalancingFault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Submit_PowerOfTwoOfThree_LeavesTheMostLoadedAlone()
    {
        var scene = new Scene(new DispatchOptions { Balancing = static () => new PowerOfTwoChoicesPolicy(seed: 1) });
        scene.Worker(1, slots: 40);
        scene.Submit(scene.Stage(0, 40));
        scene.Worker(2, slots: 40);
        scene.Worker(3, slots: 40);
        scene.Said();
        scene.Submit(scene.Stage(1, 40));
        Assert.DoesNotContain("w1", scene.Said(), StringComparison.Ordinal);
        Assert.All(scene.Core.Workers.Skip(1), worker => Assert.InRange(worker.Outstanding.Count, 10, 30));
    }

    [Fact]
    public void Submit_LargerWorker_TakesMore()
    {
        _scene.Worker(1, slots: 1);
        _scene.Worker(2, slots: 3);
        _scene.Submit(_scene.Stage(0, 4));
        Assert.Equal(3, _scene.Core.Workers.Last().Outstanding.Count);
    }

    [Fact]
    public void Submit_NoWorker_WaitsForTheFirst()
    {
        _scene.Submit(_scene.Stage(0, 1));
        Assert.Equal("", _scene.Said());
        _scene.Worker(7);
        Assert.Equal("0/0 on w7", _scene.Said());
    }

    [Fact]
    public void Submit_Pinned_GoesToItsHolderThoughOthersAreFree()
    {
        _scene.Worker(1);
        _scene.Worker(2);
        StageRun stage = _scene.Stage(0, 4);
        foreach (TaskEntry task in stage.Tasks[1..])
        {
            task.PinnedWorker = 2;
        }

        _scene.Submit(stage);
        Assert.Equal("0/1 on w2; 0/2 on w2; 0/0 on w1", _scene.Said());
        _scene.Succeed("0/1");
        Assert.Equal("0/3 on w2", _scene.Said());
    }

    [Fact]
    public void Submit_PinnedAndExclusive_ItsWorkerTakesNothingElseUntilItHasRun()
    {
        WorkerView holder = _scene.Worker(1);
        _scene.Submit(_scene.Stage(0, 3));
        StageRun stage = _scene.Stage(1, 1, [], locate: static _ => 1);
        stage.Tasks[0].IsExclusive = true;
        _scene.Stages.Activate(stage, _scene.Now);
        _scene.Submit(_scene.Stage(2, 4));
        _scene.Said();
        while (holder.Outstanding.Count > 0 && stage.Tasks[0].Phase != TaskPhase.Running)
        {
            _scene.Succeed(holder.Outstanding.First!.Value.Task.ToString());
        }

        Assert.Equal(stage.Tasks[0], Assert.Single(holder.Outstanding).Task);
    }

    [Fact]
    public void RemoveWorker_PinnedTasksWait_RunElsewhere()
    {
        _scene.Worker(1);
        WorkerView holder = _scene.Worker(2);
        StageRun stage = _scene.Stage(0, 3);
        Array.ForEach(stage.Tasks, task => task.PinnedWorker = 2);
        _scene.Submit(stage);
        _scene.Said();
        _scene.Core.RemoveWorker(holder.Id, new HashSet<long>(), "gone", _scene.Now);
        Assert.Equal(
            "retry 0/0 after 0 ms: w2 was lost (gone); retry 0/1 after 0 ms: w2 was lost (gone); 0/0 on w1; 0/1 on w1",
            _scene.Said());
        Assert.All(stage.Tasks, task => Assert.Equal(-1, task.PinnedWorker));
    }

    [Fact]
    public void Submit_PinnedToAWorkerThatIsGone_GoesAnywhere()
    {
        _scene.Worker(1);
        StageRun stage = _scene.Stage(0, 1);
        stage.Tasks[0].PinnedWorker = 9;
        _scene.Submit(stage);
        Assert.Equal("0/0 on w1", _scene.Said());
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(1000, 2)]
    [InlineData(10, 3)]
    [InlineData(0.1, 201)]
    [InlineData(0, 1025)]
    public void Window_RecentTaskTimes_TinyTasksAreSentFarAhead(double taskMs, int window)
    {
        var worker = new WorkerView(1, "w1", 1);
        if (taskMs >= 0)
        {
            worker.Observe(taskMs);
        }

        Assert.Equal(window, worker.Window);
        Assert.Equal(window * 4, Observed(new WorkerView(2, "w2", 4), taskMs).Window);
    }

    [Fact]
    public void Observe_ManyTasks_TheMeanForgets()
    {
        var worker = new WorkerView(1, "w1", 1);
        worker.Observe(1000);
        for (int i = 0; i < 200; i++)
        {
            worker.Observe(1);
        }

        Assert.InRange(worker.TaskMsMean, 1, 1.01);
        Assert.Equal(201, worker.Finished);
    }

    [Fact]
    public void Succeed_Late_SaysThatTheTaskIsDone()
    {
        WorkerView first = _scene.Worker(1);
        WorkerView second = _scene.Worker(2);
        StageRun stage = _scene.Stage(0, 1);
        _scene.Submit(stage);
        _scene.Core.Twin(stage.Tasks[0], second, "slow", _scene.Now);
        Assert.Equal("0/0 on w1; twin 0/0 on w2", _scene.Said());

        TaskCopy slow = _scene.Copy("0/0", first);
        Assert.True(_scene.Core.Succeed(_scene.Copy("0/0", second), 5, _scene.Now));
        Assert.Equal("cancel 0/0 on w1", _scene.Said());
        Assert.False(_scene.Core.Succeed(slow, 50, _scene.Now));
        Assert.Equal("", _scene.Said());
        Assert.True(_scene.Core.IsIdle);
    }

    [Fact]
    public void Fail_OneTwin_TheOtherGoesOnAlone()
    {
        WorkerView first = _scene.Worker(1);
        WorkerView second = _scene.Worker(2);
        StageRun stage = _scene.Stage(0, 1);
        _scene.Submit(stage);
        _scene.Core.Twin(stage.Tasks[0], second, "slow", _scene.Now);
        _scene.Said();
        _scene.Core.Fail(_scene.Copy("0/0", first), Scene.Fault(TaskFaultKind.InputOutput), _scene.Now);
        Assert.Equal("", _scene.Said());
        _scene.Tick(60_000);
        Assert.Equal("", _scene.Said());
        _scene.Succeed("0/0");
        Assert.True(stage.IsComplete);
    }

    [Fact]
    public void Revoked_Unstarted_RunsElsewhereAsIfItHadNotBeen()
    {
        _scene.Worker(1);
        StageRun stage = _scene.Stage(0, 2);
        _scene.Submit(stage);
        WorkerView second = _scene.Worker(2);
        Assert.Equal("0/0 on w1; 0/1 on w1; revoke 0/1 on w1", _scene.Said());
        _scene.Core.Revoked([_scene.Copy("0/1").Id], _scene.Now);
        Assert.Equal("0/1 on w2", _scene.Said());
        Assert.Equal(0, _scene.Copy("0/1", second).Attempt);
        Assert.Equal(1, stage.Tasks[1].Attempts);
    }

    [Fact]
    public void Revoked_UnknownCopies_AreIgnored()
    {
        _scene.Worker(1);
        _scene.Submit(_scene.Stage(0, 1));
        _scene.Said();
        _scene.Core.Revoked([4711], _scene.Now);
        Assert.Equal("", _scene.Said());
        Assert.Null(_scene.Core.Find(4711));
    }

    [Fact]
    public void Withdraw_SomeTasks_DropsTheWaitingAndCancelsTheRunning()
    {
        WorkerView worker = _scene.Worker(1);
        StageRun stage = _scene.Stage(0, 6);
        stage.Tasks[4].PinnedWorker = 1;
        stage.Tasks[5].PinnedWorker = 1;
        StageRun other = _scene.Stage(1, 1);
        _scene.Submit(stage);
        _scene.Submit(other);
        Assert.Equal("0/4 on w1; 0/5 on w1", _scene.Said());
        TaskCopy running = _scene.Copy("0/4");
        _scene.Core.Withdraw(stage.Tasks, _scene.Now);
        Assert.Equal("cancel 0/4 on w1; cancel 0/5 on w1", _scene.Said());
        Assert.All(stage.Tasks, task => Assert.Equal(TaskPhase.Idle, task.Phase));
        Assert.Empty(worker.Pinned);

        Assert.False(_scene.Core.Succeed(running, 1, _scene.Now));
        Assert.Equal("1/0 on w1", _scene.Said());
        _scene.Core.Fail(_scene.Copy("0/5"), null, _scene.Now);
        _scene.Succeed("1/0");
        Assert.True(_scene.Core.IsIdle);
    }

    private static IBalancingPolicy Made(Type policy) => policy == typeof(PowerOfTwoChoicesPolicy)
        ? new PowerOfTwoChoicesPolicy(seed: 1)
        : (IBalancingPolicy)Activator.CreateInstance(policy)!;

    private static WorkerView Observed(WorkerView worker, double taskMs)
    {
        if (taskMs >= 0)
        {
            worker.Observe(taskMs);
        }

        return worker;
    }

    private sealed class Erring(int chosen) : IBalancingPolicy
    {
        public int Choose(ReadOnlySpan<BalancingCandidate> candidates) =>
            chosen < 99 ? chosen : throw new InvalidOperationException("I can't choose.");
    }
}
