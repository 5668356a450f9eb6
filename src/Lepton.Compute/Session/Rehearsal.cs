using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;
using Lepton.Compute.Formats;
using Lepton.Compute.Planning;
using Lepton.Compute.Protocol;
using TaskOutcome = Lepton.Compute.Protocol.TaskOutcome;

namespace Lepton.Compute.Session;

/// <summary>
/// The smallest job with a shuffle, which every worker runs before its first task. Most of the time of a small first
/// job was code that each process compiles when it first runs it; here that is done as soon as a worker is there, while
/// others still start and the driver plans. The driver plans it meanwhile, which does the same for the driver. Nobody
/// waits for it: to do so before the session is given out would take more from the start than it gives. The scheduler
/// and the event log know nothing of it. Not for the threads of this process, which are for tests and debugging.
/// </summary>
internal sealed class Rehearsal
{
    private const int MapStage = -1;
    private const int ReduceStage = -2;

    // No task of a job has a number below 1.
    private const long MapCopy = -1;
    private const long ReduceCopy = -2;
    private readonly StagePlan _map;
    private readonly StagePlan _reduce;

    private Rehearsal(StagePlan map, StagePlan reduce) => (_map, _reduce) = (map, reduce);

    /// <summary>Plans it. Reads and writes a file, so call it off the scheduler's thread.</summary>
    public static Rehearsal Plan(LeptonSession session, ActionFiles files, string directory)
    {
        string text = Path.Combine(directory, "rehearsal.txt");
        File.WriteAllText(text, "The workers rehearse on a text\nwith a word longer than a processor's registers.\n");
        Dataset<KeyValuePair<Utf8Text, long>> counts =
            session.ReadUtf8Text(text).Words().CountByKey(static word => word);
        int stage = 0;
        var planner = new StagePlanner(() => --stage, new Scheduling.CacheRegistry(), files);
        StagePlan reduce = planner.Plan(
            counts.Node,
            new ResultProgram<KeyValuePair<Utf8Text, long>, KeyValuePair<Utf8Text, long>[]>(
                counts.Node, static (records, _) => records.ToArray()),
            CancellationToken.None);
        return new Rehearsal(planner.Planned.Single(plan => plan.Run.Id == MapStage), reduce);
    }

    /// <summary>Has a worker begin.</summary>
    public void Begin(ExecutorLink worker)
    {
        SendProgram(worker, _map);
        SendTask(worker, _map, MapCopy);
    }

    /// <summary>Takes what a worker says, and goes on, or ends it, where that is an answer.</summary>
    public void Hear(ExecutorLink worker, FromExecutor message, Action<string> note)
    {
        if (message.KindCase != FromExecutor.KindOneofCase.Results
            || message.Results.Results.FirstOrDefault(result => result.Copy is MapCopy or ReduceCopy) is not { } result)
        {
            return;
        }

        if (result.Copy == MapCopy && result.Outcome == TaskOutcome.Succeeded)
        {
            SendProgram(worker, _reduce);
            SendInputs(worker, result);
            SendTask(worker, _reduce, ReduceCopy);
            return;
        }

        if (result.Outcome == TaskOutcome.Failed)
        {
            note($"{worker.Name} could not rehearse, so its first task will take longer: {result.Failure.Message}");
        }

        worker.Send(new ToExecutor { Release = new Release { Stages = { MapStage, ReduceStage } } });
    }

    private static void SendProgram(ExecutorLink worker, StagePlan plan) =>
        worker.Send(new ToExecutor
        {
            Program = new StageProgramMessage { Stage = plan.Run.Id, Graph = plan.Program },
        });

    private void SendInputs(ExecutorLink worker, TaskResult map) =>
        worker.Send(new ToExecutor
        {
            Inputs = new StageInputs
            {
                Stage = ReduceStage,
                Version = 1,
                Shuffles =
                {
                    new ShuffleLocations
                    {
                        Shuffle = _reduce.Run.Inputs.Single().ShuffleId,
                        Outputs = { ResultValue.LocationOf(worker, new Parcel { Inline = map.Value }) },
                    },
                },
            },
        });

    private static void SendTask(ExecutorLink worker, StagePlan plan, long copy) =>
        worker.Send(new ToExecutor
        {
            Tasks = new TaskBatch
            {
                Tasks =
                {
                    new TaskCopyMessage { Copy = copy, Stage = plan.Run.Id, Attempt = 1, Payload = plan.Payload(0) },
                },
            },
        });
}
