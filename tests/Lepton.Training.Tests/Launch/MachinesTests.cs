using Lepton.Coordination.Hosting;
using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Launch;

/// <summary>Launchers that meet at a coordination store of this process, as if each were on a machine of its
/// own.</summary>
public sealed class MachinesTests : TrainingTest
{
    [Fact]
    public async Task RunAsync_TwoMachines_TrainTogetherAsOne()
    {
        await using Coordinator store = await StartStoreAsync();
        Task<RankRun> first = RankRun.OfAsync(Options(store, 2, 2, "--run", Sub("two")));
        Task<RankRun> second = RankRun.OfAsync(Options(store, 2, 2, "--run", Sub("two")));
        RankRun[] runs = await Task.WhenAll(first, second);
        RankRun alone = await RankRun.OfAsync(1, 0, "--run", Sub("one"));

        Assert.All([.. runs, alone], static run => Assert.True(run.ExitCode == 0, run.Text));
        Assert.Contains(runs, static run => run.Lines.Any(
            static line => line.StartsWith("[0] accuracy", StringComparison.Ordinal)));
        RankRun.AssertSame(RankRun.LossesOf(Sub("one")), RankRun.LossesOf(Sub("two")));
    }

    [Fact]
    public async Task RunAsync_RankOfOneMachineIsKilled_AllMeetAgain()
    {
        await using Coordinator store = await StartStoreAsync();
        string[] fault = ["--run", Sub("two"), "--fault", "kill", "--fault-step", "23"];
        RankRun[] runs = await Task.WhenAll(
            RankRun.OfAsync(Options(store, 2, 2, fault) with { RestartsMax = 1 }),
            RankRun.OfAsync(Options(store, 2, 2, fault) with { RestartsMax = 1 }));
        RankRun alone = await RankRun.OfAsync(1, 0, "--run", Sub("one"));

        Assert.All([.. runs, alone], static run => Assert.True(run.ExitCode == 0, run.Text));
        Assert.All(runs, static run => Assert.Contains("root cause: rank 1 on ", run.Text, StringComparison.Ordinal));
        Assert.Contains(
            runs, static run => run.Text.Contains("going on from step 22, which was held", StringComparison.Ordinal));
        RankRun.AssertSame(RankRun.LossesOf(Sub("one")), RankRun.LossesOf(Sub("two")));
    }

    [Fact]
    public async Task RunAsync_OneMachineLeavesAndAnotherComes_TheOthersGoOnWithWhoeverIsThere()
    {
        await using Coordinator store = await StartStoreAsync();
        using var leave = new CancellationTokenSource();
        using var end = new CancellationTokenSource();
        var isAlone = new TaskCompletionSource();

        // More epochs than it could finish: it is ended when the machine that came takes steps.
        string[] arguments = ["--run", Sub("two"), "--tell-steps", "--epochs", "100000"];
        Task<RankRun> stays = RankRun.OfAsync(
            Options(store, 1, 2, arguments),
            line => When(
                line.Contains("all ranks start again, 1 of them", StringComparison.Ordinal),
                () => isAlone.TrySetResult()),
            end.Token);
        Task<RankRun> leaves = RankRun.OfAsync(
            Options(store, 2, 2, arguments),
            line => When(line.EndsWith("step 100", StringComparison.Ordinal), leave.Cancel),
            leave.Token);
        await Task.WhenAny(stays, isAlone.Task);
        Task<RankRun> comes = RankRun.OfAsync(
            Options(store, 1, 2, arguments),
            line => When(line.Contains("] step ", StringComparison.Ordinal), end.Cancel),
            end.Token);
        RankRun[] runs = await Task.WhenAll(stays, leaves, comes);

        Assert.All(runs, static run => Assert.True(run.ExitCode == 130, run.Text));
        Assert.Contains("was stopped", runs[0].Text, StringComparison.Ordinal);
        Assert.Contains("all ranks start again, 2 of them", runs[2].Text, StringComparison.Ordinal);
        long[] steps = [.. RankRun.LossesOf(Sub("two")).Select(static point => point.Step)];
        Assert.Equal(Enumerable.Range(1, steps.Length).Select(static step => (long)step), steps);
    }

    private static void When(bool condition, Action act)
    {
        if (condition)
        {
            act();
        }
    }

    private static LaunchOptions Options(Coordinator store, int min, int max, params string[] arguments) => new()
    {
        Command = RankRun.Command(arguments),
        Rendezvous = new RendezvousOptions
        {
            Endpoints = store.ClientAddresses, Id = "test", NodesMin = min, NodesMax = max,
        },
    };

    private async Task<Coordinator> StartStoreAsync() => await Coordinator.StartAsync(new CoordinatorOptions
    {
        DataDir = Path.Combine(Folder, "store"),
        ListenClientUrls = ["http://127.0.0.1:0"],
        AdvertiseClientUrls = ["http://127.0.0.1:1"],
        ListenPeerUrls = ["http://127.0.0.1:0"],
    });

    private string Sub(string name) => Path.Combine(Folder, name);
}
