using Lepton.Training.Launch;
using Lepton.Training.Ranks;

namespace Lepton.Training.Tests.Launch;

public sealed class RankWatchTests
{
    private readonly RankWatch _watch = new(2, TimeSpan.FromSeconds(4));

    [Fact]
    public void Observe_OtherShapes_NamesBothSides()
    {
        RankFinding found = Assert.Single(Observe(1, State(0, 1, 9, 7, "float32[2]"), State(1, 1, 9, 7, "float32[3]")));

        Assert.True(found.IsFatal);
        Assert.Contains("rank 1 on host is at all_reduce #7 (float32[3])", found.Text, StringComparison.Ordinal);
        Assert.Contains("rank 0 on host at all_reduce #7 (float32[2])", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Observe_SilentRank_NamedAfterTheStallTime()
    {
        RankState still = State(1, 5, 9, 7);

        Assert.Empty(Observe(0, State(0, 5, 9, 7), still));
        Assert.Empty(Observe(3, State(0, 8, 9, 7), still));
        RankFinding found = Assert.Single(Observe(4, State(0, 9, 9, 7), still));
        Assert.Equal((1, true), (found.Rank, found.IsFatal));
        Assert.StartsWith("rank 1 on host is silent for 4 s", found.Text, StringComparison.Ordinal);
        Assert.EndsWith("at all_reduce #7 (float32[2])", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Observe_RankThatOthersWaitFor_NamedOnceAsAWarning()
    {
        Assert.Empty(Observe(0, State(0, 1, 10, 8), State(1, 1, 9, 7)));
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

    [Fact]
    public void Decode_Encoded_IsTheSame()
    {
        RankState state = State(1, 5, 9, 7);
        Assert.Equal(state, RankState.Decode(state.Encode()));
        Assert.Null(RankState.Decode("half a"));
    }

    private static RankState State(int rank, long beat, long entered, long sequence, string tensors = "float32[2]") =>
        new(rank, beat, entered, sequence, "all_reduce", tensors, "host");

    private IReadOnlyList<RankFinding> Observe(int seconds, params RankState?[] states) =>
        _watch.Observe(states, TimeSpan.FromSeconds(seconds));
}
