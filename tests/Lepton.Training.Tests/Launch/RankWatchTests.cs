using Lepton.Torch.Distributed;
using Lepton.Training.Launch;
using Lepton.Training.Ranks;
using static Lepton.Training.Tests.Launch.RankStates;

namespace Lepton.Training.Tests.Launch;

public sealed class RankWatchTests
{
    private static readonly HashSet<int> s_none = [];
    private static readonly HashSet<int> s_stopped = [1];
    private readonly RankWatch _watch = new(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4)));
    private HashSet<int> _stopped = [];
    private RankState?[] _last = [];
    private double _seconds;

    [Fact]
    public void Observe_OtherShapes_NamesBothSides()
    {
        RankFinding found = Assert.Single(Observe(1, State(0, 1, 9, 7, "float32[2]"), State(1, 1, 9, 7, "float32[3]")));

        Assert.True(found.IsFatal);
        Assert.Equal(
            "rank 1 on host began all_reduce #7 (float32[3]) where rank 0 on host began all_reduce #7 (float32[2]): " +
            "ranks do different things",
            found.Text);
    }

    [Fact]
    public void Observe_OtherShapesAndWentOnWithoutWaiting_NamesWhatItBeganThen()
    {
        RankState ahead = new(1, 1, 11, 8, "backward", "gradients", "host")
        {
            Earlier = [new(7, "all_gather", "float32[3]"), new(6, "all_reduce", "float32[2]")],
        };
        RankState still = new(0, 1, 10, 7, "backward", "gradients", "host")
        {
            Earlier = [new(6, "all_reduce", "float32[2]")],
        };

        RankFinding found = Assert.Single(Observe(1, still, ahead));

        Assert.Equal(
            "rank 1 on host began all_gather #7 (float32[3]) where rank 0 on host began backward #7 (gradients): " +
            "ranks do different things",
            found.Text);
        Assert.Empty(Observe(2, still, ahead));
    }

    [Fact]
    public void Observe_OneOfThreeDoesSomethingElse_IsThatOnesFault()
    {
        var watch = new RankWatch(Hosts(3), new RankPatience(TimeSpan.FromSeconds(4)));

        RankFinding found = Assert.Single(
            Observe(watch, 1, [State(0, 1, 9, 7, "float32[3]"), State(1, 1, 9, 7), State(2, 1, 9, 7)]));

        Assert.Equal(0, found.Rank);
    }

    [Theory]
    [InlineData(1.25, 9, 0)]
    [InlineData(2, 8, 1)]
    public void Observe_TwoDifferAndTheThirdHasNotTold_ItDecidesOrASecondDoes(
        double seconds, long thirdEntered, int expected)
    {
        RankState[] states = [State(0, 1, 9, 7, "float32[3]"), State(1, 1, 9, 7), State(2, 1, 8, 6)];
        var watch = new RankWatch(Hosts(3), new RankPatience(TimeSpan.FromSeconds(4)));

        Assert.Empty(Observe(watch, 1, states));

        RankState third = State(2, 2, thirdEntered, thirdEntered - 2);
        Assert.Equal(expected, Assert.Single(Observe(watch, seconds, [states[0], states[1], third])).Rank);
    }

    [Fact]
    public void Observe_RankRunsOnWhenTheOtherHasEndedWell_IsToldOnceAfterTenStallTimes()
    {
        var watch = new RankWatch(Hosts(2), new RankPatience(TimeSpan.FromSeconds(3)));
        var found = new List<(double At, RankFinding Finding)>();
        for (double seconds = 0; seconds < 60; seconds += 0.5)
        {
            if (seconds == 1)
            {
                watch.Ended(0, State(0, 9, 9, 7) with { HasLeft = true }, hasFailed: false);
            }

            RankState last = State(1, (long)(seconds * 4), 9, 7) with { HasLeft = true };
            found.AddRange(watch.Observe([null, last], _stopped, TimeSpan.FromSeconds(seconds))
                .Select(finding => (seconds, finding)));
        }

        (double at, RankFinding told) = Assert.Single(found);
        Assert.InRange(at, 30.5, 32);
        Assert.Equal((1, false), (told.Rank, told.IsFatal));
        Assert.Contains("after another has ended", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Observe_SilentRank_NamedAfterTheStallTime()
    {
        RankState still = State(1, 5, 9, 7);
        _stopped = [1];

        Assert.Empty(Observe(0, State(0, 5, 9, 7), still));
        Assert.Empty(Observe(3, State(0, 8, 9, 7), still));
        RankFinding found = Assert.Single(Observe(4, State(0, 9, 9, 7), still));
        Assert.Equal((1, true), (found.Rank, found.IsFatal));
        Assert.StartsWith(
            "rank 1 on host is silent for 4 s (its process is stopped)", found.Text, StringComparison.Ordinal);
        Assert.EndsWith("at all_reduce #7 (float32[2])", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Observe_SilentRankThatIsNotStopped_IsNamedAndGetsTenTimesAsLong()
    {
        RankState still = State(1, 5, 9, 7);
        double? named = null;
        double? ended = null;
        for (double seconds = 0; ended is null && seconds < 100; seconds += 0.25)
        {
            RankState other = State(0, 1 + (long)(seconds * 4), 9, 7);
            foreach (RankFinding found in _watch.Observe([other, still], _stopped, TimeSpan.FromSeconds(seconds)))
            {
                named ??= seconds;
                ended = found.IsFatal ? seconds : null;
            }
        }

        Assert.Equal((4, 40), (named, ended));
    }

    [Fact]
    public void Observe_RankThatOthersWaitFor_NamedOnceAsAWarning()
    {
        Assert.Empty(Observe(0, State(0, 1, 10, 8), State(1, 1, 9, 7)));
        Assert.Empty(Observe(3, State(0, 7, 10, 8), State(1, 7, 9, 7)));
        RankFinding found = Assert.Single(Observe(4, State(0, 9, 10, 8), State(1, 9, 9, 7)));
        Assert.Equal((1, false), (found.Rank, found.IsFatal));
        Assert.Contains("rank 1 on host holds the others up", found.Text, StringComparison.Ordinal);
        Assert.Empty(Observe(5, State(0, 10, 10, 8), State(1, 10, 9, 7)));
    }

    [Fact]
    public void Observe_AllComputeForLong_SaysNothing()
    {
        for (int second = 0; second < 20; second++)
        {
            Assert.Empty(Observe(second, State(0, second, 9, 7), State(1, second, 9, 7)));
        }
    }

    [Theory]
    [InlineData(0, 12)]
    [InlineData(1, 24)]
    [InlineData(2, 48)]
    public void Observe_RankThatHangs_IsFatalAfterAPatienceThatDoublesWithEachHang(int hangsBefore, double seconds)
    {
        var watch = new RankWatch(
            Hosts(2), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true, HangsBefore: hangsBefore));
        double? named = HangAfterSteps(watch, stepSeconds: 0.05, patienceMs: 0);

        Assert.NotNull(named);
        Assert.InRange(named.Value, seconds - 0.01, seconds + 0.5);
    }

    [Fact]
    public void Observe_SlowSteps_RankGetsTwentyTimesWhatItUsuallyTakes()
    {
        var watch = new RankWatch(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true));

        Assert.InRange(HangAfterSteps(watch, stepSeconds: 2, patienceMs: 0)!.Value, 36, 44);
    }

    [Fact]
    public void Observe_RankThatAskedForTime_GetsIt()
    {
        var watch = new RankWatch(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true));

        Assert.InRange(HangAfterSteps(watch, stepSeconds: 0.05, patienceMs: 30_000)!.Value, 29.9, 30.5);
    }

    [Fact]
    public void Observe_NoRestartIsLeft_HangingRankIsOnlyNamed()
    {
        var watch = new RankWatch(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: false));

        Assert.Null(HangAfterSteps(watch, stepSeconds: 0.05, patienceMs: 0));
    }

    [Fact]
    public void Observe_BeforeStepsAreUsual_RankGetsLonger()
    {
        var watch = new RankWatch(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true));

        for (int second = 0; second < 40; second++)
        {
            Assert.DoesNotContain(
                Observe(watch, second, [State(0, 1 + second, 3, 3), State(1, 1 + second, 2, 2)]),
                static found => found.IsFatal);
        }

        Assert.True(Assert.Single(Observe(watch, 40, [State(0, 50, 3, 3), State(1, 50, 2, 2)])).IsFatal);
    }

    [Fact]
    public void Observe_RankThatHangsBetweenJoiningAndItsFirstCollective_IsNamedAtOnceAndEndedAfterFiveMinutes()
    {
        var watch = new RankWatch(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true));

        (double? named, double? ended) = watch.NamedAndEnded(
            1, beat => [State(0, beat, 2, 1), State(1, beat, 1, 0)], "came no further than all_reduce;");

        Assert.Equal((4, 300), (named, ended));
    }

    [Fact]
    public void Observe_RankThatDoesNotJoin_IsNamedAtOnceAndEndedAfterFiveMinutes()
    {
        var watch = new RankWatch(Hosts(2), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true));

        (double? named, double? ended) = watch.NamedAndEnded(
            1, beat => [State(0, beat, 1, 0), null],
            "to join the group: it did not come to RankContext.Join; rank 0 on host waits in all_reduce");

        Assert.Equal((4, 300), (named, ended));
    }

    [Fact]
    public void Observe_RankThatEndedWithoutJoining_EndsAll()
    {
        _watch.Ended(1, null, hasFailed: false);

        (double? named, double? ended) = _watch.NamedAndEnded(
            1, beat => [State(0, beat, 1, 0), null], "rank 1 on host has ended without joining the group");

        Assert.Equal((0, 0), (named, ended));
    }

    [Fact]
    public void Observe_MachineThatDoesNotSeeAll_FindsOnlyWhatIsStopped()
    {
        var watch = new RankWatch(Hosts(4), new RankPatience(TimeSpan.FromSeconds(4), EndsHung: true), seesAll: false);
        watch.Observe([null, null, State(2, 0, 8, 7), State(3, 0, 8, 7)], s_none, TimeSpan.Zero);
        watch.Ended(2, State(2, 0, 9, 8), hasFailed: false);
        for (double seconds = 0.25; seconds < 400; seconds += 0.25)
        {
            Assert.Empty(watch.Observe([null, null, null, null], s_none, TimeSpan.FromSeconds(seconds)));
            Assert.Null(watch.Awaited);
        }

        HashSet<int> stopped = [3];
        RankFinding? found = null;
        for (double seconds = 400; found is null && seconds < 500; seconds += 0.25)
        {
            found = watch.Observe([null, null, null, State(3, 0, 9, 8)], stopped, TimeSpan.FromSeconds(seconds))
                .SingleOrDefault();
            Assert.True(found is null || seconds >= 404);
        }

        Assert.Equal((3, true), (found?.Rank, found?.IsFatal));
    }

    [Fact]
    public void Observe_RankThatLeftWithoutACollectiveThatAnotherWaitsIn_EndsAll()
    {
        (double? named, double? ended) = _watch.NamedAndEnded(
            1, beat => [State(0, beat, 9, 8), State(1, 5, 8, 7) with { HasLeft = true }],
            "rank 1 on host has left the group without all_reduce #8 (float32[2]), in which rank 0 on host waits");

        Assert.Equal((4, 4), (named, ended));
    }

    [Fact]
    public void GoneBefore_RankThatFailedAsAnotherHadLeft_IsTheOther()
    {
        RankState left = State(1, 5, 8, 7) with { HasLeft = true };
        _watch.Observe([State(0, 1, 9, 8), left], _stopped, TimeSpan.Zero);
        _watch.Ended(0, State(0, 1, 9, 8), hasFailed: true);

        Assert.Equal(1, _watch.GoneBefore(0)?.Rank);
        Assert.Null(_watch.GoneBefore(1));
    }

    [Fact]
    public void Observe_RankThatEndedWithoutACollectiveThatAnotherWaitsIn_EndsAll()
    {
        Assert.Empty(_watch.Observe([State(0, 1, 8, 7), State(1, 1, 7, 6)], _stopped, TimeSpan.Zero));
        _watch.Ended(1, State(1, 0, 8, 7), hasFailed: false);

        // What the store has of it is older than its last page.
        (double? named, double? ended) = _watch.NamedAndEnded(
            1, beat => [State(0, beat, 9, 8), State(1, 1, 7, 6)], "it came no further than all_reduce #7");

        Assert.Equal((4, 4), (named, ended));
    }

    [Fact]
    public void Observe_RankThatLeftAfterItsLastCollective_IsNotMissed()
    {
        for (int second = 0; second < 100; second++)
        {
            Assert.Empty(Observe(second, State(0, second, 9, 8), State(1, 5, 9, 8) with { HasLeft = true }));
        }
    }

    [Fact]
    public void Awaited_WhileARankHoldsTheOthersUp_IsThatRank()
    {
        for (int quarter = 0; quarter <= 16; quarter++)
        {
            Assert.Null(_watch.Awaited);
            _watch.Observe(
                [State(0, quarter, 10, 8), State(1, quarter, 9, 7)], s_none, TimeSpan.FromSeconds(quarter / 4.0));
        }

        Assert.Equal(1, _watch.Awaited?.Rank);
        _watch.Observe([State(0, 17, 10, 8), State(1, 17, 10, 8)], s_none, TimeSpan.FromSeconds(4.25));
        Assert.Null(_watch.Awaited);
    }

    [Fact]
    public void Observe_LauncherCouldNotLook_TheTimeDoesNotCount()
    {
        RankState still = State(1, 5, 9, 7);

        Assert.Empty(_watch.Observe([State(0, 5, 9, 7), still], s_stopped, TimeSpan.Zero));
        Assert.Empty(_watch.Observe([State(0, 6, 9, 7), still], s_stopped, TimeSpan.FromSeconds(30)));
        Assert.Empty(_watch.Observe([State(0, 7, 9, 7), still], s_stopped, TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void Observe_FourRanks_OnlyTheOneThatAllWaitForIsNamed()
    {
        var watch = new RankWatch(Hosts(4), new RankPatience(TimeSpan.FromSeconds(4)));
        RankState?[] states = [State(0, 1, 9, 9), State(1, 1, 8, 8), State(2, 1, 9, 9), State(3, 1, 9, 9)];

        Observe(watch, 0, states);
        Observe(watch, 3.5, [.. states.Select(static state => state! with { Beat = 2 })]);
        RankFinding found = Assert.Single(
            Observe(watch, 4, [.. states.Select(static state => state! with { Beat = 3 })]));
        Assert.Equal(1, found.Rank);
    }

    [Fact]
    public void Decode_Encoded_IsTheSame()
    {
        RankState state = State(1, 5, 9, 7);
        Assert.Equal(state, RankState.Decode(state.Encode()));
        Assert.Null(RankState.Decode("half a"));
        RankState full = state with { PatienceMs = 5, ResidentBytes = 6 << 20, LiveTensors = 7, HasLeft = true };
        Assert.Equal(full, RankState.Decode(full.Encode()));
        Assert.Equal("6 MiB and 7 tensors", full.Memory);
        GroupState[] groups = [new("all", 1, new(5, 6, GroupProgress.Everybody)), new("mesh/data/0,1", 0, Idle(7))];
        Assert.Equal(groups, RankState.Decode((full with { Groups = groups }).Encode())?.Groups);
        Assert.Null(RankState.Decode(full.Encode() + "all 1"));
    }

    /// <summary>Ranks take thirty steps, then rank 1 stays behind; after how many seconds that is fatal.</summary>
    private static double? HangAfterSteps(RankWatch watch, double stepSeconds, long patienceMs)
    {
        double now = 0;
        long beat = 0;
        for (int step = 1; step <= 30; step++)
        {
            for (double end = now + stepSeconds; now < end - 0.001; now += Math.Min(0.25, stepSeconds))
            {
                watch.Observe(
                    [State(0, ++beat, step, step), State(1, beat, step, step)], s_none, TimeSpan.FromSeconds(now));
            }
        }

        double hungAt = now;
        for (; now < hungAt + 120; now += 0.25)
        {
            beat++;
            RankState hung = State(1, beat, 30, 30) with { PatienceMs = patienceMs };
            IReadOnlyList<RankFinding> found = watch.Observe(
                [State(0, beat, 31, 31), hung], s_none, TimeSpan.FromSeconds(now));
            if (found.Any(static finding => finding.IsFatal))
            {
                Assert.True(Assert.Single(found).IsHung);
                Assert.Contains("rank 1 on host holds the others up", found[0].Text, StringComparison.Ordinal);
                Assert.Contains("rank 0 on host waits in all_reduce #31", found[0].Text, StringComparison.Ordinal);
                return now - hungAt;
            }
        }

        return null;
    }

    /// <summary>Looks four times a second at what ranks said last, and then at what they say now.</summary>
    private IReadOnlyList<RankFinding> Observe(int seconds, params RankState?[] states) =>
        Observe(_watch, seconds, states);

    private IReadOnlyList<RankFinding> Observe(RankWatch watch, double seconds, RankState?[] states)
    {
        for (; _last.Length > 0 && _seconds < seconds - 0.25; _seconds += 0.25)
        {
            Assert.Empty(watch.Observe(_last, _stopped, TimeSpan.FromSeconds(_seconds)));
        }

        (_seconds, _last) = (seconds, states);
        return watch.Observe(states, _stopped, TimeSpan.FromSeconds(seconds));
    }
}
