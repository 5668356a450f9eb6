using Lepton.Compute.Planning;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using Lepton.Compute.Session;

namespace Lepton.Compute.Replay;

/// <summary>
/// A failed task as the scheduler's thread saw it. Nothing in it changes any more, so another thread may write it down.
/// </summary>
/// <param name="Job">The name of its action.</param>
/// <param name="Plan">Its stage.</param>
/// <param name="Copy">The attempt that failed.</param>
/// <param name="Fault">How it failed.</param>
/// <param name="Thrown">What the job's caller gets.</param>
/// <param name="Outputs">By shuffle, where the map outputs lie, or lay last.</param>
internal sealed record ReplayCapture(
    string Job,
    StagePlan Plan,
    TaskCopy Copy,
    TaskFault Fault,
    Exception Thrown,
    IReadOnlyDictionary<int, OutputLocation?[]> Outputs)
{
    /// <summary>The task as messages name it.</summary>
    public string Task => ReplayLog.Name(Plan.Run.Id, Copy.Task.Partition);

    /// <summary>Takes down where everything lies at this moment. Call it on the scheduler's thread.</summary>
    public static ReplayCapture Of(ActionRun action, DispatchEffect failed, Exception thrown)
    {
        StageRun stage = failed.Task.Stage;
        var outputs = new Dictionary<int, OutputLocation?[]>();
        foreach (StageInput input in stage.Inputs)
        {
            StageRun producer = input.Producer;
            outputs[input.ShuffleId] = [.. producer.Outputs!.Select(
                (output, map) => output ?? producer.LostOutputs.GetValueOrDefault(map))];
        }

        return new ReplayCapture(
            action.Name, action.Plans[stage.Id], failed.Copy!, failed.Fault!, thrown, outputs);
    }
}
