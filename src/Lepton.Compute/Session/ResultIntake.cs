using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using TaskOutcome = Lepton.Compute.Protocol.TaskOutcome;

namespace Lepton.Compute.Session;

/// <summary>Takes what executors say to the cores, to the journal and to the jobs. On the scheduler's thread.</summary>
internal sealed class ResultIntake(
    DispatchCore dispatch,
    CacheRegistry caches,
    SessionJournal journal,
    JobEnding ending,
    ProgressNews progress,
    IReadOnlyDictionary<int, ActionRun> actionOfStage)
{
    /// <summary>Called for each task that is done; must be quick.</summary>
    public Action<TaskReport>? TaskFinished { get; set; }

    /// <summary>Takes one message of an attached executor.</summary>
    public void Take(ExecutorLink link, FromExecutor message, TimeSpan now)
    {
        switch (message.KindCase)
        {
            case FromExecutor.KindOneofCase.Results:
                foreach (TaskResult result in message.Results.Results)
                {
                    Finish(link, result, now);
                }

                break;
            case FromExecutor.KindOneofCase.Revoked:
                dispatch.Revoked(message.Revoked.Copies, now);
                break;
            case FromExecutor.KindOneofCase.Beat:
                journal.Observe(message.Beat);
                foreach (RunningTask running in message.Beat.Running)
                {
                    dispatch.Observe(running.Copy, running.ElapsedMs, now);
                }

                break;
            default:
                break;
        }
    }

    private void Finish(ExecutorLink link, TaskResult result, TimeSpan now)
    {
        if (dispatch.Find(result.Copy) is not { } copy || copy.Worker.Id != link.Id)
        {
            ResultValue.Drop(result);
            return;
        }

        journal.TaskFinished(copy, result, now);
        if (result.Outcome == TaskOutcome.Succeeded)
        {
            Succeed(link, copy, result, now);
        }
        else if (result.Outcome == TaskOutcome.Cancelled)
        {
            dispatch.Fail(copy, null, now);
        }
        else if (result.Failure.Kind == FailureKind.Fetch)
        {
            FetchFailed(copy, result.Failure, now);
        }
        else
        {
            dispatch.Fail(copy, FailureException.FaultOf(link, result.Failure), now);
        }
    }

    private void Succeed(ExecutorLink link, TaskCopy copy, TaskResult result, TimeSpan now)
    {
        foreach (CachedBlock block in result.Cached)
        {
            caches.Add(block.Cache, block.Partition, link.Id);
        }

        if (!actionOfStage.TryGetValue(copy.Task.Stage.Id, out ActionRun? action)
            || copy.Task.Phase != TaskPhase.Running)
        {
            // Nobody waits for it any more, or a twin was first.
            ResultValue.Drop(result);
            dispatch.Succeed(copy, result.Metrics.RunUs / 1000.0, now);
            return;
        }

        if (!ResultValue.TryTake(result, link.Name, action.Files, out Parcel? value, out TaskFault? fault))
        {
            dispatch.Fail(copy, fault, now);
            return;
        }

        double runMs = result.Metrics.RunUs / 1000.0;
        dispatch.Succeed(copy, runMs, now);

        StageRun stage = copy.Task.Stage;
        bool isFirst = !copy.Task.WasDone;
        OutputLocation? output = null;
        if (stage.Outputs is not null)
        {
            output = ResultValue.LocationOf(link, value);
        }
        else if (stage == action.Result)
        {
            action.Values[copy.Task.Partition] = value;
        }

        if (isFirst)
        {
            journal.Skipped(result);
        }

        bool complete = action.Stages.TaskDone(copy.Task, output, link.Id, runMs, now);
        ending.Tell(action, copy, TaskFinished, static (told, action, copy) => told?.Invoke(new TaskReport(
            action.Name, copy.Task.Stage.Id, copy.Task.Partition, copy.Attempt, copy.Worker.Name,
            copy.Task.Stage.Done, copy.Task.Stage.Tasks.Length)));
        if (complete)
        {
            journal.StageFinished(stage, now - stage.StartedAt);
            if (stage == action.Result)
            {
                progress.Tell(action);
                action.Waiter!.TrySetResult(action.Values);
            }
        }
    }

    private void FetchFailed(TaskCopy copy, TaskFailureMessage failure, TimeSpan now)
    {
        if (!actionOfStage.TryGetValue(copy.Task.Stage.Id, out ActionRun? action) || action.HasEnded
            || copy.CancelledAt is not null)
        {
            dispatch.Fail(copy, null, now);
            return;
        }

        string? error = action.Stages.FetchFailed(copy, failure.Shuffle, failure.MapPartition, failure.Message, now);
        journal.Retry(copy, failure.Message, TimeSpan.Zero);
        if (error is not null)
        {
            ending.Fail(action,
                new JobFailedException(JobFailure.InputLost, $"Task {copy.Task} of {action.Name} failed: {error}"));
        }
    }
}
