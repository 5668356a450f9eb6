using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Partitions;

/// <summary>
/// Real processes whose network comes apart. Clients ask all the while; at the end their histories must be
/// linearizable, everything acknowledged must be there, and everybody must be served again.
/// </summary>
[Collection("failures")]
public sealed class PartitionTests(PartitionFixture fixture) : CoordinationTest, IClassFixture<PartitionFixture>
{
    [Fact]
    public Task LinkOfTheLeaderDown_TheOthersServe() => SurviveAsync(static (leader, others) =>
    {
        NetworkLab.TakeDown(leader);
        return others;
    });

    [Fact]
    public Task LeaderWithoutPeers_ClientsStillReachIt_TheOthersServeAndItTellsNothingOld() => SurviveAsync(
        static (leader, others) =>
        {
            others.ForEach(other => NetworkLab.Separate(leader, other));
            return others;
        });

    [Fact]
    public Task LeaderNotHeard_OneWay_TheOthersServe() => SurviveAsync(static (leader, others) =>
    {
        others.ForEach(other => NetworkLab.Lose(leader, other));
        return others;
    });

    [Fact]
    public Task LeaderHearsNothing_OneWay_TheOthersServe() => SurviveAsync(static (leader, others) =>
    {
        others.ForEach(other => NetworkLab.Lose(other, leader));
        return others;
    });

    [Fact]
    public Task LeaderReachesOneMemberOnly_TheOthersServe() => SurviveAsync(static (leader, others) =>
    {
        others[1..].ForEach(other => NetworkLab.Separate(leader, other));
        return others;
    }, reachesAnother: true);

    [Fact]
    public Task TwoHalvesJoinedByOneMember_ThatOneServes() => SurviveAsync(static (leader, others) =>
    {
        (int bridge, List<int> left, List<int> right) = (others[0], [leader, others[1]], others[2..]);
        left.ForEach(one => right.ForEach(other => NetworkLab.Separate(one, other)));
        return [bridge];
    }, reachesAnother: true);

    /// <summary>Breaks the network apart between two phases in which all are served.</summary>
    /// <param name="breakApart">Gets the leader and the others; returns who must serve meanwhile.</param>
    /// <param name="reachesAnother">Whether the leader still reaches somebody, and so may answer.</param>
    private async Task SurviveAsync(
        Func<int, List<int>, List<int>> breakApart, bool reachesAnother = false)
    {
        MemberCluster cluster = await fixture.ReadyAsync();
        int[] all = [.. Enumerable.Range(0, PartitionFixture.Members)];
        int leader = await cluster.LeaderAsync();
        await using Workload load = Workload.Start(cluster, NewName(), Patience);
        await load.ProgressAsync(all, "all members serve before the network comes apart");
        try
        {
            List<int> serving = breakApart(leader, [.. all.Where(member => member != leader)]);
            await load.ProgressAsync(serving, "those that reach a majority serve");
            if (!reachesAnother)
            {
                using CoordinationClient cutOff = cluster.NewClientOf(
                    leader, new CoordinationClientOptions { CallTimeout = TimeSpan.FromSeconds(1) });
                await Assert.ThrowsAsync<CoordinationException>(() => cutOff.GetAsync("k"));
            }
        }
        finally
        {
            fixture.Lab.Heal();
        }

        await load.ProgressAsync(all, "all members serve once the network is whole again");
        await load.StopAndCheckAsync();
    }
}
