using Lepton.Training.Parallelism;

namespace Lepton.Training.Tests.Parallelism;

public sealed class PipelineScheduleTests
{
    private const int BackwardTime = 2;

    public static TheoryData<PipelineScheduleKind, int, int> Sizes()
    {
        var sizes = new TheoryData<PipelineScheduleKind, int, int>();
        foreach (PipelineScheduleKind kind in Enum.GetValues<PipelineScheduleKind>())
        {
            foreach (int stages in new[] { 1, 2, 3, 4, 7 })
            {
                foreach (int parts in new[] { 1, 2, 3, 4, 8, 13 })
                {
                    sizes.Add(kind, stages, parts);
                }
            }
        }

        return sizes;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Of_AllStages_EndTogetherWithTheLeastBubble(PipelineScheduleKind kind, int stages, int parts)
    {
        // Forward takes 1 and backward 2: the pipeline fills and empties once, which takes (stages - 1) × 3.
        Assert.Equal((parts + stages - 1) * (1 + BackwardTime), TimeOf(kind, stages, parts));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Of_EachStage_EachPartOnceInOrderAndNoMoreHeldThanSaid(
        PipelineScheduleKind kind, int stages, int parts)
    {
        for (int stage = 0; stage < stages; stage++)
        {
            IReadOnlyList<PipelineAction> actions = PipelineSchedule.Of(kind, stage, stages, parts);

            Assert.Equal(
                Enumerable.Range(0, parts),
                actions.Where(static action => action.IsForward).Select(static action => action.Part));
            Assert.Equal(
                Enumerable.Range(0, parts),
                actions.Where(static action => !action.IsForward).Select(static action => action.Part));
            int held = 0;
            int heldMax = 0;
            foreach (PipelineAction action in actions)
            {
                held += action.IsForward ? 1 : -1;
                Assert.True(held >= 0);
                heldMax = Math.Max(heldMax, held);
            }

            Assert.Equal(PipelineSchedule.HeldMax(kind, stage, stages, parts), heldMax);
        }
    }

    [Fact]
    public void Of_OneForwardOneBackward_HoldsNoMorePartsThanStages()
    {
        Assert.Equal(4, PipelineSchedule.HeldMax(PipelineScheduleKind.OneForwardOneBackward, 0, 4, 32));
        Assert.Equal(1, PipelineSchedule.HeldMax(PipelineScheduleKind.OneForwardOneBackward, 3, 4, 32));
        Assert.Equal(32, PipelineSchedule.HeldMax(PipelineScheduleKind.GPipe, 3, 4, 32));
    }

    /// <summary>When the last stage ends, where each action begins once what it waits for is done.</summary>
    private static int TimeOf(PipelineScheduleKind kind, int stages, int parts)
    {
        var left = Enumerable.Range(0, stages)
            .Select(stage => new Queue<PipelineAction>(PipelineSchedule.Of(kind, stage, stages, parts))).ToArray();
        var done = new Dictionary<(int Stage, PipelineAction Action), int>();
        int[] free = new int[stages];
        bool isMoving = true;
        while (isMoving)
        {
            isMoving = false;
            for (int stage = 0; stage < stages; stage++)
            {
                while (left[stage].TryPeek(out PipelineAction action) && ReadyAt(stage, action) is { } ready)
                {
                    free[stage] = Math.Max(free[stage], ready) + (action.IsForward ? 1 : BackwardTime);
                    done.Add((stage, action), free[stage]);
                    left[stage].Dequeue();
                    isMoving = true;
                }
            }
        }

        Assert.All(left, static queue => Assert.Empty(queue));
        return free.Max();

        int? ReadyAt(int stage, PipelineAction action)
        {
            int source = action.IsForward ? stage - 1 : stage + 1;
            return source < 0 || source == stages ? 0
                : done.TryGetValue((source, action), out int time) ? time : null;
        }
    }
}
