using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Launch;

public sealed class LaunchCoreTests
{
    private static readonly DateTime s_noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
    private readonly LaunchCore _core = new();

    [Fact]
    public void Ended_AllWell_RoundIsDone()
    {
        Assert.Equal(LaunchEffect.StartRanks, _core.Begin([0, 1]));
        Assert.Equal(LaunchEffect.None, _core.Ended(new RankEnd(1, 0)));
        Assert.Equal(LaunchEffect.RoundDone, _core.Ended(new RankEnd(0, 0)));
        Assert.Null(_core.RootCause);
        Assert.True(_core.IsIdle);
    }

    [Fact]
    public void Ended_OneFails_OthersAreEndedAndTheNextRoundKnowsNothingOfIt()
    {
        _core.Begin([4, 5]);

        Assert.Equal(LaunchEffect.EndRanks, _core.Ended(new RankEnd(5, 137)));
        Assert.Equal(LaunchEffect.RoundFailed, _core.Ended(new RankEnd(4, 143)));
        Assert.StartsWith("killed by SIGKILL", _core.RootCause!.Reason, StringComparison.Ordinal);
        Assert.Equal(LaunchEffect.StartRanks, _core.Begin([4, 5]));
        Assert.Null(_core.RootCause);
        Assert.Equal(LaunchEffect.EndRanks, _core.Ended(new RankEnd(4, 139)));
        Assert.Equal(LaunchEffect.RoundFailed, _core.Ended(new RankEnd(5, 0)));
        Assert.Equal("killed by SIGSEGV", _core.RootCause!.Reason);
    }

    [Fact]
    public void RootCause_PeerSeenFirst_IsTheRankThatFailedByItself()
    {
        _core.Begin([0, 1, 2]);

        _core.Ended(new RankEnd(0, 1, s_noon.AddMilliseconds(-1), "a peer is gone", LostItsPeers: true));
        _core.Ended(new RankEnd(2, 1, s_noon, "InvalidOperationException: mine"));
        _core.Ended(new RankEnd(1, 1, s_noon.AddMilliseconds(2), "FormatException: later"));

        Assert.Equal(2, _core.RootCause!.Rank);
    }

    [Fact]
    public void RootCause_KilledRankAmongPeersThatLostIt_IsTheKilledOne()
    {
        _core.Begin([0, 1, 2]);

        _core.Ended(new RankEnd(0, 1, s_noon, "a peer is gone", LostItsPeers: true));
        _core.Ended(new RankEnd(2, 137, IsByLauncher: true));
        Assert.Equal(LaunchEffect.RoundFailed, _core.Ended(new RankEnd(1, 137)));

        // Told last, but nobody sent it that signal.
        Assert.Equal(1, _core.RootCause!.Rank);
    }

    [Fact]
    public void Stop_RanksRun_EndsThemAndFinishes()
    {
        _core.Begin([0, 1]);

        Assert.Equal(LaunchEffect.EndRanks, _core.Stop());
        Assert.Equal(LaunchEffect.None, _core.Ended(new RankEnd(0, 130)));
        Assert.Equal(LaunchEffect.Finish, _core.Ended(new RankEnd(1, 130)));
        Assert.Null(_core.RootCause);
    }

    [Fact]
    public void Ended_OneThatWasFoundOut_IsTheCauseWithItsOwnStack()
    {
        _core.Begin([0, 1]);

        _core.Condemned(new RankEnd(1, 1, null, "does something else", IsFound: true));
        _core.Ended(new RankEnd(1, 1, s_noon, "CollectiveException: shapes", "at Program.Main()"));
        _core.Ended(new RankEnd(0, 1, s_noon, "CollectiveException: shapes", "at Other()"));

        Assert.Equal(("does something else", "at Program.Main()"), (_core.RootCause!.Message, _core.RootCause.Stack));
    }

    [Fact]
    public void Condemned_HangingRank_IsTheRootCause()
    {
        _core.Begin([0, 1]);

        Assert.Equal(LaunchEffect.EndRanks, _core.Condemned(new RankEnd(1, 1, null, "silent")));
        Assert.Equal(LaunchEffect.None, _core.Ended(new RankEnd(0, 1, s_noon, "a peer is gone", LostItsPeers: true)));
        Assert.Equal(LaunchEffect.RoundFailed, _core.Ended(new RankEnd(1, 137, IsByLauncher: true)));
        Assert.Equal("silent", _core.RootCause!.Reason);
    }

    [Fact]
    public void EndRound_OverElsewhere_IsNoFailureWhateverRanksReturn()
    {
        _core.Begin([0, 1]);

        Assert.Equal(LaunchEffect.EndRanks, _core.EndRound());
        Assert.Equal(LaunchEffect.None, _core.EndRound());
        Assert.Equal(LaunchEffect.None, _core.Ended(new RankEnd(0, 130)));
        Assert.Equal(LaunchEffect.RoundLeft, _core.Ended(new RankEnd(1, 0)));
        Assert.Null(_core.RootCause);
    }
}
