namespace Lepton.Training.Parallelism;

/// <summary>
/// What a stage does in a step, one action after the other. Each forward waits for the same part's forward on the stage
/// before, each backward for its backward on the stage behind. Pure.
/// </summary>
internal static class PipelineSchedule
{
    /// <summary>All actions of a stage: 2 for each part. Backwards come in the order of the parts.</summary>
    /// <param name="kind">The order.</param>
    /// <param name="stage">The stage, from 0.</param>
    /// <param name="stages">How many there are.</param>
    /// <param name="parts">Parts of the batch, 1 or more.</param>
    public static IReadOnlyList<PipelineAction> Of(PipelineScheduleKind kind, int stage, int stages, int parts)
    {
        int ahead = HeldMax(kind, stage, stages, parts);
        var actions = new List<PipelineAction>(2 * parts);
        int backward = 0;
        for (int forward = 0; forward < parts; forward++)
        {
            actions.Add(new PipelineAction(forward, IsForward: true));
            if (forward + 1 >= ahead)
            {
                actions.Add(new PipelineAction(backward++, IsForward: false));
            }
        }

        while (backward < parts)
        {
            actions.Add(new PipelineAction(backward++, IsForward: false));
        }

        return actions;
    }

    /// <summary>Of how many parts a stage holds the activations at most.</summary>
    public static int HeldMax(PipelineScheduleKind kind, int stage, int stages, int parts) =>
        kind == PipelineScheduleKind.GPipe ? parts : Math.Min(parts, stages - stage);
}
