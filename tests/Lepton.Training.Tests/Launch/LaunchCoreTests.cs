using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Launch;

public sealed class LaunchCoreTests
{
    private static readonly DateTime s_noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Ended_AllWell_Finishes()
    {
        var core = new LaunchCore(2, 3);

        Assert.Equal(LaunchEffect.StartRanks, core.Begin());
        Assert.Equal(LaunchEffect.None, core.Ended(new RankEnd(1, 0)));
        Assert.Equal(LaunchEffect.Finish, core.Ended(new RankEnd(0, 0)));
        Assert.Null(core.RootCause);
    }

    [Fact]
    public void Ended_OneFails_OthersAreEndedAndAllStartAgainUntilNoRestartIsLeft()
    {
        var core = new LaunchCore(2, 1);
        core.Begin();

        Assert.Equal(LaunchEffect.EndRanks, core.Ended(new RankEnd(1, 137)));
        Assert.Equal(LaunchEffect.Restart, core.Ended(new RankEnd(0, 143)));
        Assert.Equal(LaunchEffect.StartRanks, core.Restart());
        Assert.Null(core.RootCause);
        Assert.Equal(LaunchEffect.EndRanks, core.Ended(new RankEnd(0, 139)));
        Assert.Equal(LaunchEffect.Finish, core.Ended(new RankEnd(1, 0)));
        Assert.Equal("killed by SIGSEGV", core.RootCause!.Reason);
    }

    [Fact]
    public void RootCause_PeerSeenFirst_IsTheRankThatFailedByItself()
    {
        var core = new LaunchCore(3, 0);
        core.Begin();

        core.Ended(new RankEnd(0, 1, s_noon.AddMilliseconds(1), "CollectiveException: a peer is gone"));
        core.Ended(new RankEnd(2, 1, s_noon, "InvalidOperationException: mine"));
        core.Ended(new RankEnd(1, 1, s_noon.AddMilliseconds(2), "FormatException: later"));

        Assert.Equal(2, core.RootCause!.Rank);
    }

    [Fact]
    public void RootCause_KilledRankAmongPeersThatLostIt_IsTheKilledOne()
    {
        var core = new LaunchCore(2, 0);
        core.Begin();

        core.Ended(new RankEnd(1, 137));
        core.Ended(new RankEnd(0, 1, s_noon, "CollectiveException: a peer is gone"));

        Assert.Equal(1, core.RootCause!.Rank);
    }

    [Fact]
    public void Stop_RanksRun_EndsThemAndNeverStartsAgain()
    {
        var core = new LaunchCore(2, 5);
        core.Begin();

        Assert.Equal(LaunchEffect.EndRanks, core.Stop());
        Assert.Equal(LaunchEffect.None, core.Ended(new RankEnd(0, 130)));
        Assert.Equal(LaunchEffect.Finish, core.Ended(new RankEnd(1, 130)));
        Assert.Null(core.RootCause);
    }

    [Fact]
    public void Condemned_HangingRank_IsTheRootCause()
    {
        var core = new LaunchCore(2, 1);
        core.Begin();

        Assert.Equal(LaunchEffect.EndRanks, core.Condemned(new RankEnd(1, 1, null, "silent")));
        Assert.Equal(LaunchEffect.None, core.Ended(new RankEnd(0, 137)));
        Assert.Equal(LaunchEffect.Restart, core.Ended(new RankEnd(1, 137)));
        Assert.Equal("silent", core.RootCause!.Reason);
    }
}
