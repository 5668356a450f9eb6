using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Tests.Scheduling;

public sealed class DispatchFailureTests
{
    [Fact]
    public void Fail_InputOutput_BacksOffTwiceAsLongEachTimeWithJitter()
    {
        Scene scene = new(new DispatchOptions { RetriesMax = 10, BackoffMax = TimeSpan.FromMilliseconds(800) });
        scene.Worker(1);
        StageRun stage = scene.Stage(0, 1);
        scene.Submit(stage);
        foreach (double expectedMs in new double[] { 50, 100, 200, 400, 800, 800, 800 })
        {
            scene.Said();
            scene.Fail("0/0", TaskFaultKind.InputOutput);
            DispatchEffect retry = Assert.Single(scene.Core.Effects);
            Assert.Equal(DispatchEffectKind.Retry, retry.Kind);
            Assert.InRange(retry.Backoff.TotalMilliseconds, expectedMs * 0.5, expectedMs * 1.5);
            scene.Said();
            scene.Tick(retry.Backoff.TotalMilliseconds - 1);
            Assert.Equal("", scene.Said());
            scene.Tick(1);
            Assert.Equal("0/0 on w1", scene.Said());
        }
    }

    [Fact]
    public void Fail_InputOutputTooOften_FailsTheTask()
    {
        Scene scene = new(new DispatchOptions { RetriesMax = 2 });
        scene.Worker(1);
        StageRun stage = scene.Stage(0, 1);
        scene.Submit(stage);
        scene.Fail("0/0", TaskFaultKind.InputOutput);
        scene.Tick(10_000);
        scene.Fail("0/0", TaskFaultKind.InputOutput);
        scene.Tick(10_000);
        scene.Said();
        scene.Fail("0/0", TaskFaultKind.InputOutput);
        Assert.Equal("fail 0/0, InputOutput: it broke", scene.Said());
        Assert.Equal(3, stage.Tasks[0].Attempts);
    }

    [Fact]
    public void Fail_SharedMemory_TaskRunsAgainAloneThenFails()
    {
        Scene scene = new(new DispatchOptions { RetriesMax = 0 });
        scene.Worker(1, slots: 2);
        scene.Submit(scene.Stage(0, 3));
        Assert.Equal("0/0 on w1; 0/1 on w1; 0/2 on w1", scene.Said());

        scene.Fail("0/0", TaskFaultKind.SharedMemory);
        Assert.Equal("retry 0/0 after 0 ms: it broke", scene.Said());
        scene.Succeed("0/1");
        Assert.Equal("", scene.Said());
        scene.Succeed("0/2");
        Assert.Equal("0/0 on w1", scene.Said());
        scene.Submit(scene.Stage(1, 1));
        Assert.Equal("", scene.Said());

        scene.Fail("0/0", TaskFaultKind.Memory);
        Assert.Equal("fail 0/0, Memory: it broke; 1/0 on w1", scene.Said());
    }

    [Fact]
    public void Fail_UserAfterInputOutput_IsNotCountedWithIt()
    {
        Scene scene = new(new DispatchOptions { RetriesMax = 2, UserRetriesMax = 1 });
        scene.Worker(1);
        scene.Submit(scene.Stage(0, 1));
        TaskFaultKind[] passing = [TaskFaultKind.InputOutput, TaskFaultKind.InputOutput, TaskFaultKind.User];
        foreach (TaskFaultKind kind in passing)
        {
            scene.Fail("0/0", kind);
            Assert.DoesNotContain("fail", scene.Said(), StringComparison.Ordinal);
            scene.Tick(10_000);
        }

        scene.Fail("0/0", TaskFaultKind.User);
        Assert.Equal("0/0 on w1; fail 0/0, User: it broke", scene.Said());
    }

    [Theory]
    [InlineData("User")]
    [InlineData("Memory")]
    public void Fail_NotPassing_FailsTheTaskAtOnce(string kind)
    {
        Scene scene = new();
        scene.Worker(1);
        scene.Submit(scene.Stage(0, 1));
        scene.Said();
        scene.Fail("0/0", Enum.Parse<TaskFaultKind>(kind));
        Assert.Equal($"fail 0/0, {kind}: it broke", scene.Said());
        Assert.True(scene.Core.IsIdle);
    }

    [Fact]
    public void Fail_UserWithRetriesAsked_IsRetried()
    {
        Scene scene = new(new DispatchOptions { UserRetriesMax = 1 });
        scene.Worker(1);
        scene.Submit(scene.Stage(0, 1));
        scene.Said();
        scene.Fail("0/0", TaskFaultKind.User);
        Assert.StartsWith("retry 0/0 after", scene.Said(), StringComparison.Ordinal);
        scene.Tick(1000);
        scene.Said();
        scene.Fail("0/0", TaskFaultKind.User);
        Assert.Equal("fail 0/0, User: it broke", scene.Said());
    }

    [Fact]
    public void RemoveWorker_RunningAndWaiting_OnlyTheRunningOneIsBlamed()
    {
        Scene scene = new();
        WorkerView worker = scene.Worker(1);
        StageRun stage = scene.Stage(0, 2);
        scene.Submit(stage);
        scene.Said();
        scene.Die(worker, running: "0/0");
        string said = scene.Said();
        Assert.Matches(
            @"^retry 0/0 after \d+ ms: w1 was lost \(killed by SIGKILL\); retry 0/1 after 0 ms: w1 was lost",
            said);
        Assert.Single(stage.Tasks[0].WorkersKilled);
        Assert.Empty(stage.Tasks[1].WorkersKilled);
        scene.Worker(2);
        Assert.Equal("0/1 on w2", scene.Said());
        scene.Tick(100);
        Assert.Equal("0/0 on w2", scene.Said());
    }

    [Fact]
    public void RemoveWorker_ThirdThatATaskTakesDown_BlamesTheTask()
    {
        Scene scene = new();
        StageRun stage = scene.Stage(0, 1);
        scene.Submit(stage);
        for (int id = 1; id <= 3; id++)
        {
            WorkerView worker = scene.Worker(id);
            scene.Tick(10_000);
            scene.Said();
            scene.Die(worker, running: "0/0");
        }

        Assert.Equal("fail 0/0, WorkerDied: w3 was lost (killed by SIGKILL)", scene.Said());
        Assert.Equal(
            ["w1 was lost (killed by SIGKILL)", "w2 was lost (killed by SIGKILL)", "w3 was lost (killed by SIGKILL)"],
            stage.Tasks[0].WorkersKilled);
        scene.Worker(4);
        scene.Tick(10_000);
        Assert.Equal("", scene.Said());
    }

    [Fact]
    public void RemoveWorker_TaskThatOnlyWaited_IsTriedForAslongAsItTakes()
    {
        Scene scene = new();
        scene.Submit(scene.Stage(0, 1));
        for (int id = 1; id <= 20; id++)
        {
            scene.Die(scene.Worker(id));
        }

        scene.Said();
        scene.Worker(21);
        Assert.Equal("0/0 on w21", scene.Said());
    }

    [Fact]
    public void RemoveWorker_Unknown_DoesNothing()
    {
        Scene scene = new();
        scene.Core.RemoveWorker(3, new HashSet<long>(), "gone", scene.Now);
        Assert.Equal("", scene.Said());
    }

    [Fact]
    public void Observe_PastTheDeadline_CancelsAndFails()
    {
        Scene scene = new(new DispatchOptions { TaskDeadline = TimeSpan.FromMilliseconds(500) });
        scene.Worker(1);
        scene.Submit(scene.Stage(0, 1));
        scene.Said();
        TaskCopy copy = scene.Copy("0/0");
        scene.Core.Observe(copy.Id, 500, scene.Now);
        Assert.Equal("", scene.Said());
        scene.Core.Observe(copy.Id, 1501, scene.Now);
        Assert.Equal(
            "cancel 0/0 on w1; fail 0/0, Deadline: it ran for 1,501 ms, past its deadline of 500 ms", scene.Said());
        scene.Core.Observe(copy.Id, 1601, scene.Now);
        scene.Core.Fail(copy, null, scene.Now);
        Assert.Equal("", scene.Said());
        Assert.True(scene.Core.IsIdle);
    }

    [Fact]
    public void Tick_CancelledCopyGoesOn_ItsWorkerIsEnded()
    {
        Scene scene = new(new DispatchOptions { CancelGrace = TimeSpan.FromMilliseconds(1500) });
        WorkerView worker = scene.Worker(1);
        StageRun stage = scene.Stage(0, 1);
        scene.Submit(stage);
        scene.Core.Withdraw(stage.Tasks, scene.Now);
        scene.Said();
        scene.Tick(1500);
        Assert.Equal("", scene.Said());
        scene.Tick(1);
        Assert.Equal("kill w1: task 0/0 was cancelled and did not stop within 1.5 s", scene.Said());
        scene.Tick(1500);
        Assert.Equal("", scene.Said());

        // Threads of the driver can't be ended; they go on with other tasks.
        Assert.True(worker.HasRoomFor(stage.Tasks[0], new DispatchOptions(), scene.Now));
    }

    /// <summary>Its worker holds what others need, and nobody waits for it.</summary>
    [Fact]
    public void Tick_LosingTwinGoesOn_ItsWorkerIsEndedTenTimesLater()
    {
        Scene scene = new();
        WorkerView slow = scene.Worker(1);
        WorkerView fast = scene.Worker(2);
        StageRun stage = scene.Stage(0, 1);
        scene.Submit(stage);
        scene.Core.Twin(stage.Tasks[0], fast, "slow", scene.Now);
        scene.Core.Succeed(scene.Copy("0/0", fast), 10, scene.Now);
        scene.Said();
        scene.Tick(10_000);
        Assert.Equal("", scene.Said());
        scene.Tick(1);
        Assert.Equal("kill w1: task 0/0 was cancelled and did not stop within 10 s", scene.Said());
    }

    [Fact]
    public void Tick_SilentWorkerPassesTheDeadline_TheTaskFails()
    {
        Scene scene = new(new DispatchOptions { TaskDeadline = TimeSpan.FromSeconds(5) });
        WorkerView silent = scene.Worker(1);
        scene.Submit(scene.Stage(0, 1));
        scene.Core.Observe(scene.Copy("0/0").Id, 100, scene.Now);
        scene.Tick(4900, silent);
        scene.Said();
        scene.Tick(1, silent);
        Assert.Equal(
            "cancel 0/0 on w1; fail 0/0, Deadline: it ran for 5,001 ms, past its deadline of 5,000 ms", scene.Said());
    }

    /// <summary>
    /// A twin that was cancelled but has not ended yet says nothing of its task, which has to run again since its
    /// output was lost.
    /// </summary>
    [Theory]
    [InlineData("failed")]
    [InlineData("lost")]
    [InlineData("blocked")]
    [InlineData("revoked")]
    public void Settle_CancelledTwinLingers_TheTaskIsNotForgotten(string end)
    {
        Scene scene = new();
        WorkerView first = scene.Worker(1);
        WorkerView lingering = scene.Worker(2);
        StageRun stage = scene.Stage(0, 1);
        scene.Stages.Activate(stage, scene.Now);
        scene.Core.Twin(stage.Tasks[0], lingering, "slow", scene.Now);
        TaskCopy old = scene.Copy("0/0", lingering);
        scene.Succeed("0/0", worker: first);
        WorkerView third = scene.Worker(3);
        scene.Die(first);
        scene.Said();
        scene.Stages.Activate(stage, scene.Now);
        Assert.Equal("0/0 on w3", scene.Said());

        TaskCopy copy = scene.Copy("0/0", third);
        switch (end)
        {
            case "failed":
                scene.Core.Fail(copy, Scene.Fault(TaskFaultKind.InputOutput), scene.Now);
                break;
            case "lost":
                scene.Die(third, "0/0");
                break;
            case "blocked":
                scene.Stages.FetchFailed(copy, shuffleId: 9, mapPartition: 0, "gone", scene.Now);
                break;
            default:
                scene.Core.Revoked([copy.Id], scene.Now);
                break;
        }

        scene.Core.Fail(old, null, scene.Now);
        scene.Worker(4);
        scene.Tick(10_000);
        Assert.Contains(stage.Tasks[0].Copies, live => live.CancelledAt is null);
    }
}
