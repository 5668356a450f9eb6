using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Failures;

/// <summary>Members that come and go, each a process.</summary>
[Collection("failures")]
public abstract class MembershipContract(ServerProgram program) : CoordinationTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AddMember_StartedAndPromoted_CountsAndIsRemoved(bool asLearner)
    {
        await using MemberCluster cluster = await MemberCluster.StartAsync(program, members: 1);
        using CoordinationClient client = cluster.NewClientOf(
            0, new CoordinationClientOptions { CallTimeout = Patience });
        await client.PutAsync("k", "1");
        MemberProcess joining = cluster.NewMember();
        ClusterMember added = await client.AddMemberAsync(
            [joining.Settings.Peer.GetLeftPart(UriPartial.Authority)], asLearner);
        joining.Start();
        if (asLearner)
        {
            await PromotedAsync(client, added.Id);
        }

        // Both vote now: the second has all, and without it nothing is written.
        using CoordinationClient second = cluster.NewClientOf(
            1, new CoordinationClientOptions { CallTimeout = Patience });
        await ListedAsVoterAsync(client, added.Id);
        Assert.Equal((Bytes)"1", (await second.GetAsync("k"))!.Value);
        await joining.KillAsync();
        using CoordinationClient hasty = cluster.NewClientOf(
            0, new CoordinationClientOptions { CallTimeout = TimeSpan.FromSeconds(1) });
        await Assert.ThrowsAnyAsync<CoordinationException>(() => hasty.PutAsync("k", "2"));
        joining.Start();
        await cluster.ServesAsync();

        await client.RemoveMemberAsync(added.Id);
        Assert.Single(await client.ListMembersAsync());
        await joining.KillAsync();
        await client.PutAsync("k", "3");
    }

    [Fact]
    public async Task RemoveMember_TheRestCouldNotGoOn_IsRefusedAndTheDeadOneMayGo()
    {
        await using MemberCluster cluster = await MemberCluster.StartAsync(program, members: 3);
        int leader = await cluster.LeaderAsync();
        (int dead, int other) = ((leader + 1) % 3, (leader + 2) % 3);
        using CoordinationClient client = cluster.NewClientOf(
            leader, new CoordinationClientOptions { CallTimeout = Patience });
        IReadOnlyList<ClusterMember> members = await client.ListMembersAsync();
        MemberId IdOf(int member) => members.Single(found => found.Name == $"m{member}").Id;
        await cluster.Members[dead].KillAsync();
        using PeriodicTimer noticed = new(TimeSpan.FromSeconds(3));
        await noticed.WaitForNextTickAsync();

        using CoordinationClient hasty = cluster.NewClientOf(
            leader, new CoordinationClientOptions { CallTimeout = TimeSpan.FromSeconds(5) });
        CoordinationException e = await Assert.ThrowsAnyAsync<CoordinationException>(
            () => hasty.RemoveMemberAsync(IdOf(other)));
        Assert.Contains("unhealthy cluster", e.Message, StringComparison.Ordinal);
        await client.PutAsync("k", "1");
        await client.RemoveMemberAsync(IdOf(dead));
        await client.PutAsync("k", "2");
        Assert.Equal(2, (await client.ListMembersAsync()).Count);
    }

    private static async Task PromotedAsync(CoordinationClient client, MemberId learner)
    {
        using CancellationTokenSource limit = new(Patience);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            try
            {
                await client.PromoteMemberAsync(learner, limit.Token);
                return;
            }
            catch (CoordinationException e) when (
                e.Message.Contains("in sync with leader", StringComparison.Ordinal))
            {
                await pause.WaitForNextTickAsync(limit.Token);
            }
        }
    }

    private static async Task ListedAsVoterAsync(CoordinationClient client, MemberId id)
    {
        using CancellationTokenSource limit = new(Patience);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(100));
        while ((await client.ListMembersAsync(limit.Token))
            .Any(member => member.Id == id && (member.IsLearner || member.Name.Length == 0)))
        {
            await pause.WaitForNextTickAsync(limit.Token);
        }
    }
}
