using Lepton.Compute.Planning;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;

namespace Lepton.Compute.Session;

/// <summary>
/// Turns the dispatcher's effects into messages: one batch for each executor and step. A stage's program goes before
/// its first task, its inputs before the first task that needs them.
/// </summary>
internal sealed class EffectSender(Func<int, ExecutorLink?> link, Func<int, StagePlan> plan)
{
    // A message holds this and one payload at most, each far below what the transport takes.
    private const int BatchBytesMax = 1 << 20;
    private readonly Dictionary<int, Batch> _batches = [];
    private readonly List<Batch> _dirty = [];

    public void Assign(TaskCopy copy)
    {
        if (BatchOf(copy) is not { } batch)
        {
            return;
        }

        StageRun stage = copy.Task.Stage;
        StagePlan stagePlan = plan(stage.Id);
        Announce(batch, stagePlan);
        Parcel? payload = stagePlan.Payload(copy.Task.Partition);
        batch.Tasks.Tasks.Add(new TaskCopyMessage
        {
            Copy = copy.Id,
            Stage = stage.Id,
            Partition = copy.Task.Partition,
            Attempt = copy.Attempt,
            Payload = payload,
        });
        batch.PayloadBytes += payload?.Inline.Length ?? 0;
        if (batch.PayloadBytes > BatchBytesMax)
        {
            batch.SendTasks();
        }
    }

    public void Cancel(TaskCopy copy) => BatchOf(copy)?.Cancel.Copies.Add(copy.Id);

    public void Revoke(TaskCopy copy) => BatchOf(copy)?.Revoke.Copies.Add(copy.Id);

    /// <summary>Sends all that was collected.</summary>
    public void Flush()
    {
        foreach (Batch batch in _dirty)
        {
            batch.IsDirty = false;
            batch.SendTasks();
            if (batch.Cancel.Copies.Count > 0)
            {
                batch.Link.Send(new ToExecutor { Cancel = batch.Cancel });
                batch.Cancel = new CopyIds();
            }

            if (batch.Revoke.Copies.Count > 0)
            {
                batch.Link.Send(new ToExecutor { Revoke = batch.Revoke });
                batch.Revoke = new CopyIds();
            }
        }

        _dirty.Clear();
    }

    /// <summary>Forgets an executor that is gone.</summary>
    public void Remove(int worker)
    {
        if (_batches.Remove(worker, out Batch? batch))
        {
            _dirty.Remove(batch);
        }
    }

    private static void Announce(Batch batch, StagePlan stagePlan)
    {
        StageRun stage = stagePlan.Run;
        bool known = batch.Link.KnownStages.TryGetValue(stage.Id, out int version);
        if (!known)
        {
            batch.Link.Send(new ToExecutor
            {
                Program = new StageProgramMessage { Stage = stage.Id, Graph = stagePlan.Program },
            });
        }

        if (stage.Inputs.Count > 0 && (!known || version != stage.InputVersion))
        {
            batch.Link.Send(new ToExecutor { Inputs = InputsOf(stage) });
        }

        batch.Link.KnownStages[stage.Id] = stage.InputVersion;
    }

    private static StageInputs InputsOf(StageRun stage)
    {
        var inputs = new StageInputs { Stage = stage.Id, Version = stage.InputVersion };
        foreach (StageInput input in stage.Inputs)
        {
            var locations = new ShuffleLocations { Shuffle = input.ShuffleId };
            locations.Outputs.AddRange(input.Producer.Outputs!.Select(output => output ?? new OutputLocation()));
            inputs.Shuffles.Add(locations);
        }

        return inputs;
    }

    private Batch? BatchOf(TaskCopy copy)
    {
        if (!_batches.TryGetValue(copy.Worker.Id, out Batch? batch))
        {
            if (link(copy.Worker.Id) is not { } to)
            {
                return null;
            }

            _batches.Add(copy.Worker.Id, batch = new Batch(to));
        }

        if (!batch.IsDirty)
        {
            batch.IsDirty = true;
            _dirty.Add(batch);
        }

        return batch;
    }

    private sealed class Batch(ExecutorLink link)
    {
        public ExecutorLink Link { get; } = link;

        public TaskBatch Tasks { get; private set; } = new();

        public int PayloadBytes { get; set; }

        public bool IsDirty { get; set; }

        public CopyIds Cancel { get; set; } = new();

        public CopyIds Revoke { get; set; } = new();

        public void SendTasks()
        {
            if (Tasks.Tasks.Count > 0)
            {
                Link.Send(new ToExecutor { Tasks = Tasks });
                (Tasks, PayloadBytes) = (new TaskBatch(), 0);
            }
        }
    }
}
