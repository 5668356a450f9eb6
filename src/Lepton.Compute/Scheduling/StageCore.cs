using Lepton.Compute.Protocol;

namespace Lepton.Compute.Scheduling;

/// <summary>
/// The order of an action's stages: a stage's tasks are submitted when all shuffles that it reads are whole, and
/// those whose outputs were lost are run again, just them, when somebody still needs them. Pure, as
/// <see cref="DispatchCore"/> is. Not thread safe.
/// </summary>
internal sealed class StageCore(DispatchCore dispatch, CacheRegistry caches)
{
    private const int FetchFailuresMax = 12;
    private readonly List<StageRun> _stages = [];
    private bool _withdrawn;

    /// <summary>The stages, producers before consumers.</summary>
    public IReadOnlyList<StageRun> Stages => _stages;

    public void Add(StageRun stage) => _stages.Add(stage);

    /// <summary>Runs a stage and whatever it needs first. O(stages and their inputs).</summary>
    public void Activate(StageRun stage, TimeSpan now) => Activate(stage, now, []);

    // Several stages may read one producer, and so may those in turn: each is looked at once.
    private void Activate(StageRun stage, TimeSpan now, HashSet<StageRun> seen)
    {
        if (stage.IsComplete || _withdrawn || !seen.Add(stage))
        {
            return;
        }

        if (!stage.IsActive)
        {
            stage.IsActive = true;
            stage.StartedAt = now;
        }

        bool ready = true;
        foreach (StageInput input in stage.Inputs.Where(IsNeeded))
        {
            if (!input.Producer.IsComplete)
            {
                ready = false;
                Activate(input.Producer, now, seen);
            }
        }

        if (ready && !stage.InputsReady)
        {
            // Only then. Were it to rise with every reader that comes back, no reader's complaint would be of the
            // present version.
            stage.InputVersion++;
        }

        stage.InputsReady = ready;
        if (ready)
        {
            Submit(stage, now);
        }
    }

    /// <summary>A task of this action is done for the first time. True when that completed its stage.</summary>
    public bool TaskDone(TaskEntry task, OutputLocation? output, int worker, double runMs, TimeSpan now)
    {
        StageRun stage = task.Stage;
        task.WasDone = true;
        stage.Done++;
        stage.Observe(runMs);
        if (stage.Outputs is { } outputs)
        {
            outputs[task.Partition] = output;
            stage.OutputWorkers[task.Partition] = worker;
        }

        if (!stage.IsComplete)
        {
            return false;
        }

        stage.IsActive = false;
        foreach (StageRun consumer in _stages)
        {
            if (consumer.IsActive && !consumer.InputsReady && consumer.Inputs.Any(input => input.Producer == stage))
            {
                Activate(consumer, now);
            }
        }

        return true;
    }

    /// <summary>
    /// A copy could not read an output. It is made again, and the task waits for it. Returns an error where this goes
    /// on for ever.
    /// </summary>
    public string? FetchFailed(TaskCopy copy, int shuffleId, int mapPartition, string reason, TimeSpan now)
    {
        if (copy.CancelledAt is not null)
        {
            // Nobody waits for it; what it says of its inputs may be long out of date.
            dispatch.Fail(copy, null, now);
            return null;
        }

        StageRun stage = copy.Task.Stage;
        if (copy.InputVersion == stage.InputVersion
            && stage.Inputs.FirstOrDefault(input => input.ShuffleId == shuffleId) is { } input)
        {
            Distrust(input, mapPartition);
        }

        dispatch.Block(copy, now);
        if (++copy.Task.FetchFailures > FetchFailuresMax)
        {
            return $"its input could not be read {FetchFailuresMax} times; the last time: {reason}";
        }

        Activate(stage, now);
        return null;
    }

    /// <summary>
    /// First half of the loss of a worker: nothing that it held counts as made. Returns what was lost, by stage.
    /// </summary>
    public IReadOnlyList<(StageRun Stage, int Partition)> ForgetWorker(int worker)
    {
        var lost = new List<(StageRun, int)>();
        foreach (StageRun stage in _stages.Where(stage => stage.Outputs is not null))
        {
            for (int partition = 0; partition < stage.Tasks.Length; partition++)
            {
                if (stage.OutputWorkers[partition] == worker)
                {
                    Lose(stage, partition);
                    lost.Add((stage, partition));
                }
            }
        }

        foreach (StageRun stage in _stages.Where(stage => stage.IsActive))
        {
            // Never raised here: a stage becomes ready only where its tasks are submitted.
            stage.InputsReady &= stage.Inputs.Where(IsNeeded).All(input => input.Producer.IsComplete);
        }

        return lost;
    }

    /// <summary>Second half, after the dispatcher knows of the loss: what is still needed runs again.</summary>
    public void Recover(TimeSpan now)
    {
        foreach (StageRun stage in _stages.Where(stage => stage is { IsActive: true, InputsReady: false }).ToList())
        {
            Activate(stage, now);
        }
    }

    /// <summary>Ends all tasks of the action, for good.</summary>
    public void Withdraw(TimeSpan now)
    {
        _withdrawn = true;
        dispatch.Withdraw([.. _stages.SelectMany(stage => stage.Tasks).Where(task =>
            task.Phase != TaskPhase.Done)], now);
        foreach (StageRun stage in _stages)
        {
            stage.IsActive = false;
        }
    }

    private void Distrust(StageInput input, int mapPartition)
    {
        if (mapPartition >= 0)
        {
            Lose(input.Producer, mapPartition);
        }

        foreach (CacheRef cache in input.ShieldingCaches)
        {
            // It should have made the input dispensable, and did not: it was released a moment ago.
            caches.Remove(cache.CacheId);
        }

        foreach (StageRun reader in _stages.Where(stage => stage.IsActive))
        {
            // All that read it wait, so that they learn its new place.
            reader.InputsReady &= reader.Inputs.All(
                other => other.Producer != input.Producer || other.Producer.IsComplete || !IsNeeded(other));
        }
    }

    private static void Lose(StageRun stage, int partition)
    {
        if (stage.Outputs![partition] is not { } output)
        {
            return;
        }

        stage.LostOutputs[partition] = output;
        stage.Outputs[partition] = null;
        stage.OutputWorkers[partition] = -1;
        stage.Done--;
        stage.Tasks[partition].Phase = TaskPhase.Idle;
    }

    private bool IsNeeded(StageInput input) => !input.ShieldingCaches.Any(caches.IsWhole);

    private void Submit(StageRun stage, TimeSpan now)
    {
        var waiting = new List<TaskEntry>();
        foreach (TaskEntry task in stage.Tasks)
        {
            if (task.Phase is TaskPhase.Idle or TaskPhase.Blocked)
            {
                task.PinnedWorker = stage.Locate?.Invoke(task.Partition) ?? -1;
                waiting.Add(task);
            }
        }

        dispatch.Submit(waiting, now);
    }
}
