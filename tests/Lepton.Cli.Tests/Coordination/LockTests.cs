using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;

namespace Lepton.Cli.Tests.Coordination;

public sealed class LockTests : ServerTest
{
    [Fact]
    public async Task Lock_CommandEnds_PassesOnItsCodeAndReleases()
    {
        using LeptonRun run = await RunAsync(
            "lock", "n", "--", "sh", "-c", "echo \"$LEPTON_LOCK_NAME $LEPTON_LOCK_TOKEN\"; exit 7");
        Assert.Equal((7, ""), (run.ExitCode, run.Error));
        string[] words = run.Output.Split(' ');
        Assert.Equal("n", words[0]);
        await using HeldLock? held = await new DistributedLock(Client, "n").TryAcquireAsync();
        Assert.True(held!.FencingToken.Value > long.Parse(words[1], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Lock_NoSuchCommand_ReleasesAndSaysSo()
    {
        using LeptonRun run = await RunAsync("lock", "n", "--", "/no/such/program");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("The command '/no/such/program' can't be run", run.Error, StringComparison.Ordinal);
        await using HeldLock? held = await new DistributedLock(Client, "n").TryAcquireAsync();
        Assert.NotNull(held);
    }

    [Fact]
    public async Task Lock_KeyDeletedByHand_EndsTheCommandAndItsChildren()
    {
        // The shell ignores SIGTERM, and its child does not: both must be gone in the end.
        await using StartedLepton lepton = Start(
            "lock", "n", "--ttl", "2", "--grace", "1", "--", "sh", "-c",
            "trap '' TERM; echo in; sleep 1000 & wait; while true; do sleep 1000; done");
        Assert.Equal("in", await lepton.ReadLineAsync());
        await Client.DeleteAsync(KeyRange.Prefix("n/"));
        using LeptonRun run = await lepton.EndAsync();
        Assert.Equal(15, run.ExitCode);
        Assert.Contains(
            "the lock 'n' is lost (its key was deleted, or its lease revoked); 'sh' gets SIGTERM", run.Error,
            StringComparison.Ordinal);
        Assert.Empty(run.Survivors);
    }

    [Fact]
    public async Task Lock_ServerKilled_EndsTheCommandWhenTheLeaseIsOver()
    {
        await using StartedLepton lepton = Start(
            "lock", "n", "--ttl", "2", "--", "sh", "-c", "echo in; exec sleep 1000");
        Assert.Equal("in", await lepton.ReadLineAsync());
        await Server.Members[0].KillAsync();
        using LeptonRun run = await lepton.EndAsync();
        Assert.Equal(15, run.ExitCode);
        Assert.Contains("no server has answered for as long as its lease lives", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Survivors);
    }

    [Fact]
    public async Task Lock_HolderStopped_AnotherGetsItAndTheCommandEndsWhenItGoesOn()
    {
        await using StartedLepton lepton = Start(
            "lock", "n", "--ttl", "2", "--", "sh", "-c", "echo $LEPTON_LOCK_TOKEN; exec sleep 1000");
        long token = long.Parse((await lepton.ReadLineAsync())!, CultureInfo.InvariantCulture);
        await lepton.SignalAsync("STOP");
        await using HeldLock held = await new DistributedLock(Client, "n").AcquireAsync(LeptonRun.NewLimit().Token);
        Assert.True(held.FencingToken.Value > token);
        await lepton.SignalAsync("CONT");
        using LeptonRun run = await lepton.EndAsync();
        Assert.Equal(15, run.ExitCode);
        Assert.Empty(run.Survivors);
        Assert.True(held.IsHeld);
    }

    [Fact]
    public async Task Lock_Terminated_PassesTheSignalOn()
    {
        await using StartedLepton lepton = Start(
            "lock", "n", "--", "sh", "-c", "trap 'echo bye; exit 5' TERM; echo in; while true; do sleep 0.05; done");
        Assert.Equal("in", await lepton.ReadLineAsync());
        await lepton.SignalAsync("TERM");
        using LeptonRun run = await lepton.EndAsync();
        Assert.Equal((5, "bye\n"), (run.ExitCode, run.Output));
        await using HeldLock? held = await new DistributedLock(Client, "n").TryAcquireAsync();
        Assert.NotNull(held);
    }

    [Fact]
    public async Task Lock_InterruptedWhileWaiting_RunsNothing()
    {
        await using HeldLock held = await new DistributedLock(Client, "n").AcquireAsync();
        await using StartedLepton lepton = Start("lock", "n", "--", "echo", "in");
        await foreach (WatchBatch batch in Client.WatchAsync(
            KeyRange.Prefix("n/"), new WatchOptions { StartRevision = held.FencingToken.Next },
            LeptonRun.NewLimit().Token))
        {
            break;
        }

        await lepton.SignalAsync("INT");
        using LeptonRun run = await lepton.EndAsync();
        Assert.Equal((130, "", "lepton: cancelled.\n"), (run.ExitCode, run.Output, run.Error));
        Assert.Equal(1, (await Client.RangeAsync(KeyRange.Prefix("n/"))).Count);
    }

    [Fact]
    public async Task Elect_TwoCandidates_LeadInTurnAndResign()
    {
        await using StartedLepton first = Start("elect", "e", "one");
        string leading = (await first.ReadLineAsync())!;
        Assert.Matches("^leading\t[0-9]+\tone$", leading);
        await using StartedLepton watch = Start("elect", "e", "--watch");
        Assert.Matches("^leader\t[0-9]+\tone$", await watch.ReadLineAsync());
        await using StartedLepton second = Start("elect", "e", "two");
        await first.SignalAsync("TERM");
        using LeptonRun run = await first.EndAsync();
        Assert.Equal(0, run.ExitCode);
        Assert.Matches("^leading\t[0-9]+\ttwo$", await second.ReadLineAsync());
        await Client.DeleteAsync(KeyRange.Prefix("e/"));
        using LeptonRun lost = await second.EndAsync();
        Assert.Equal(15, lost.ExitCode);
    }
}
