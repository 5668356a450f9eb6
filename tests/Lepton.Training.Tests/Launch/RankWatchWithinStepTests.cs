using Lepton.Torch.Distributed;
using Lepton.Training.Launch;
using Lepton.Training.Ranks;
using static Lepton.Training.Tests.Launch.RankStates;

namespace Lepton.Training.Tests.Launch;

/// <summary>Who holds the others up where all have begun as many collectives of all ranks.</summary>
public sealed class RankWatchWithinStepTests
{
    private readonly RankWatch _watch = new(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4)));

    [Fact]
    public void Observe_RankThatStandsStillWithinAStep_IsNamedAndNotThoseThatWaitForIt()
    {
        // Two stages of two: rank 1 holds up rank 0 within stage 0, and both are awaited by stage 1.
        var watch = new RankWatch(Hosts(4), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true));

        (double? named, double? ended) = watch.NamedAndEnded(
            1,
            beat =>
            [
                InStep(0, beat, new("t/0", 0, new(5, 9, GroupProgress.Everybody)), new("p/0", 0, Idle(3))),
                InStep(1, beat, new("t/0", 1, Idle(4)), new("p/1", 0, Idle(3))),
                InStep(2, beat, new("t/1", 0, Idle(4)), new("p/0", 1, new(3, 8, 0))),
                InStep(3, beat, new("t/1", 1, Idle(4)), new("p/1", 1, new(3, 8, 0))),
            ],
            "it came no further than all_reduce #9 (float32[2]); rank 0 on host waits for it in the group t/0, in ");

        Assert.Equal((4, 40), (named, ended));
    }

    [Fact]
    public void Observe_RankThatStandsStillWithinBackward_IsNamed()
    {
        (double? named, _) = _watch.NamedAndEnded(
            0, beat => [InStep(0, beat, All(0, Idle(7))), InStep(1, beat, All(1, Idle(9)))],
            "rank 1 on host waits in all_reduce #9 (float32[2])");

        Assert.Equal(4, named);
    }

    [Fact]
    public void Observe_AllOfAGroupWaitInOneCollective_NobodyIsNamedForIt()
    {
        // The sum of ranks 0 and 1 takes long, and rank 2 waits for rank 0: data still move.
        var watch = new RankWatch(Hosts(3), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true));

        (double? named, _) = watch.NamedAndEnded(
            0,
            beat =>
            [
                InStep(0, beat, new("d", 0, new(5, 9, GroupProgress.Everybody)), new("p", 0, Idle(3))),
                InStep(1, beat, new GroupState("d", 1, new(5, 9, GroupProgress.Everybody))),
                InStep(2, beat, new GroupState("p", 1, new(3, 8, 0))),
            ],
            "");

        Assert.Null(named);
    }

    [Fact]
    public void Observe_RankThatTakesAnything_IsNotNamed()
    {
        Assert.Equal((null, null), _watch.NamedAndEnded(
            0,
            beat => [InStep(0, beat, All(0, new(5, 9, GroupProgress.Anybody))), InStep(1, beat, All(1, new(5, 9, 0)))],
            ""));
    }

    [Fact]
    public void Observe_SilentRankThatOthersWaitForWithinAStep_IsOnlySilent()
    {
        var watch = new RankWatch(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true));
        (double? named, double? ended) = watch.NamedAndEnded(
            1,
            beat => [InStep(0, beat, All(0, new(5, 9, GroupProgress.Everybody))), InStep(1, 5, All(1, Idle(4)))],
            "rank 1 on host is silent for ");

        Assert.InRange(named!.Value, 4, 5.5);
        Assert.InRange(ended!.Value, 40, 42);
    }

    [Fact]
    public void Observe_RankThatHangsBeforeItsFirstStepOnAMesh_IsEndedAfterFiveMinutes()
    {
        var watch = new RankWatch(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true));

        (double? named, double? ended) = watch.NamedAndEnded(
            1,
            beat =>
            [
                State(0, beat, 4, 0) with { Groups = [All(0, new(5, 9, GroupProgress.Everybody))] },
                State(1, beat, 4, 0) with { Groups = [All(1, Idle(4))] },
            ],
            "came no further than all_reduce;");

        Assert.Equal((4, 300), (named, ended));
    }

    [Fact]
    public void Observe_StepsThatTakeLong_RankIsNamedWhenItTakesLongerThanTheyDid()
    {
        var watch = new RankWatch(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true));

        // Steps take 30 s; behind the second rank 1 computes for 15 s of them, and rank 0 waits for it.
        (double? named, double? ended) = watch.NamedAndEnded(
            1,
            beat =>
            {
                int step = (int)Math.Min(beat / 120, 5);
                bool isComputing = step == 5 || (step > 1 && beat % 120 > 60);
                return
                [
                    State(0, beat, 3 * step, 9) with { Groups = [All(0, new(step, step, isComputing ? 1 : -2))] },
                    State(1, beat, 3 * step, 9) with { Groups = [All(1, new(step, step + (isComputing ? 1 : 0), -2))] },
                ];
            },
            "rank 1 on host holds the others up");

        Assert.InRange(named!.Value, 150 + 29, 150 + 32);
        Assert.True(ended is null, "it has 20 times what a step takes");
    }

    [Fact]
    public void Observe_RankThatGoesOnWithinAStep_IsNotNamed()
    {
        for (int second = 0; second < 60; second++)
        {
            Assert.Empty(_watch.Observe(
                [InStep(0, second, All(0, new(7, second / 3, 1))), InStep(1, second, All(1, Idle(7 + second)))],
                new HashSet<int>(), TimeSpan.FromSeconds(second)));
        }
    }

    private static RankState InStep(int rank, long beat, params GroupState[] groups) =>
        State(rank, beat, 9, 9) with { Groups = groups };

    private static GroupState All(int rank, GroupProgress progress) => new(RankState.AllRanks, rank, progress);
}
