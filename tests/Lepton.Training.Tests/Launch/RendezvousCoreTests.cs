using Lepton.Core.Randomness;
using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Launch;

public sealed class RendezvousCoreTests
{
    [Fact]
    public void Step_EnoughLaunchers_AllRunTheSameRoundInTheOrderInWhichTheyCame()
    {
        var world = new RendezvousWorld(min: 2, max: 3, restartsMax: 0, seed: 1);
        world.Come(2);
        world.Settle();

        Assert.Equal([0], world.RoundsOf(0));
        Assert.Equal([0], world.RoundsOf(1));
        Assert.Equal(["n0", "n1"], world.Round!.Nodes.Select(static node => node.Id));
    }

    [Fact]
    public void Step_AnotherLauncherComes_ANewRoundWithItAndNoRestartIsCounted()
    {
        var world = new RendezvousWorld(min: 1, max: 3, restartsMax: 0, seed: 2);
        world.Come(1);
        world.Settle();
        world.Come(1);
        world.Settle();

        Assert.Equal([0, 1], world.RoundsOf(0));
        Assert.Equal([1], world.RoundsOf(1));
        Assert.Equal(0, world.Round!.Restarts);
        Assert.Equal("another machine joins", world.Round.Why);
    }

    [Fact]
    public void Step_LauncherDies_TheOthersGoOnWithoutIt()
    {
        var world = new RendezvousWorld(min: 2, max: 3, restartsMax: 0, seed: 3);
        world.Come(3);
        world.Settle();
        world.Die(0);
        world.Settle();

        Assert.Equal(["n1", "n2"], world.Round!.Nodes.Select(static node => node.Id));
        Assert.Contains("is gone", world.Round.Why, StringComparison.Ordinal);
        Assert.Equal(0, world.Round.Restarts);
    }

    [Fact]
    public void Step_TooFewAreLeft_WaitsAndGivesUpInTheEnd()
    {
        var world = new RendezvousWorld(min: 2, max: 2, restartsMax: 0, seed: 4);
        world.Come(2);
        world.Settle();
        world.Die(1);
        world.Settle();
        Assert.Equal(RendezvousEventKind.Tell, world.LastOf(0)!.Kind);

        world.Pass(TimeSpan.FromMinutes(11));
        Assert.Equal(RendezvousEventKind.GiveUp, world.LastOf(0)!.Kind);
        Assert.Contains("only 1 of at least 2", world.LastOf(0)!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_RankFails_AllStartAgainUntilNoRestartIsLeft()
    {
        var world = new RendezvousWorld(min: 2, max: 2, restartsMax: 1, seed: 5);
        world.Come(2);
        world.Settle();
        world.Fail(1, lostItsPeers: false);
        world.Settle();
        Assert.Equal((1, 1), (world.Round!.Number, world.Round.Restarts));

        world.Fail(0, lostItsPeers: false);
        world.Settle();
        Assert.Equal(RoundState.GivenUp, world.Round.State);
        Assert.All([0, 1], node => Assert.Equal(RendezvousEventKind.GiveUp, world.LastOf(node)!.Kind));
    }

    [Fact]
    public void Step_PeerWasLost_WaitsForWhatHappenedToIt()
    {
        var world = new RendezvousWorld(min: 1, max: 2, restartsMax: 0, seed: 6);
        world.Come(2);
        world.Settle();
        world.Fail(1, lostItsPeers: true);
        world.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(0, world.Round!.Number);

        world.Die(0);
        world.Settle();
        Assert.Equal((1, 0, RoundState.Running), (world.Round.Number, world.Round.Restarts, world.Round.State));
    }

    [Fact]
    public void Step_AllAreDone_AllFinishAndNoneWaitsForOneThatIsGone()
    {
        var world = new RendezvousWorld(min: 2, max: 2, restartsMax: 0, seed: 7);
        world.Come(2);
        world.Settle();
        world.Finish(0);
        world.Settle();
        Assert.Equal(RendezvousEventKind.Run, world.LastOf(0)!.Kind);

        world.Finish(1);
        world.Settle();
        Assert.All([0, 1], node => Assert.Equal(RendezvousEventKind.Finish, world.LastOf(node)!.Kind));
    }

    [Fact]
    public void Step_StoreHoldsAnOldTraining_ANewOneBegins()
    {
        var world = new RendezvousWorld(min: 1, max: 1, restartsMax: 3, seed: 8);
        world.Come(1);
        world.Settle();
        world.Fail(0, lostItsPeers: false);
        world.Settle();
        world.Die(0);
        world.Come(1);
        world.Settle();

        Assert.Equal((2, 0), (world.Round!.Number, world.Round.Restarts));
        Assert.Equal([2], world.RoundsOf(1));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(300)]
    public void Step_LaunchersComeGoAndFail_TheyAgreeWhateverTheySeeWhen(ulong seeds)
    {
        for (ulong seed = seeds; seed < seeds + 100; seed++)
        {
            var random = new SeededRandom(seed);
            int min = 1 + random.NextInt32(2);
            var world = new RendezvousWorld(min, min + random.NextInt32(3), restartsMax: 1000, seed);
            world.Come(min);
            for (int turn = 0; turn < 200; turn++)
            {
                Disturb(world, random);
                world.Turn();
            }

            world.Come(min);
            world.Settle();
            world.RequireAgreement(seed);
        }
    }

    private static void Disturb(RendezvousWorld world, SeededRandom random)
    {
        int[] living = [.. world.Living];
        int anybody = living.Length == 0 ? -1 : living[random.NextInt32(living.Length)];
        switch (random.NextInt32(20))
        {
            case 0 when living.Length < 6:
                world.Come(1);
                break;
            case 1 when anybody >= 0:
                world.Die(anybody);
                break;
            case 2 when anybody >= 0:
                world.Fail(anybody, lostItsPeers: random.NextInt32(2) == 0);
                break;
            case 3 when anybody >= 0:
                world.Leave(anybody);
                break;
        }
    }
}
