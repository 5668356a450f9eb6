using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Elections.</summary>
public abstract class ElectionContract(ICoordinationServerFixture server) : ContractTest(server)
{
    [Fact]
    public async Task Campaign_TwoCandidates_LeadOneAfterTheOther()
    {
        LeaderElection election = new(Client, NewName());
        Assert.Null(await election.GetLeaderAsync());
        Leadership first = await election.CampaignAsync("one");
        Task<Leadership> standing = new LeaderElection(NewClient(), election.Name).CampaignAsync("two");
        Assert.Equal((Bytes)"one", (await election.GetLeaderAsync())!.Value);

        await first.ResignAsync();
        Assert.False(first.IsLeading);
        await using Leadership second = await Step(standing, "the second candidate follows");
        Assert.True(second.FencingToken > first.FencingToken);
        Leader? leader = await election.GetLeaderAsync();
        Assert.Equal(((Bytes)"two", second.FencingToken), (leader!.Value, leader.FencingToken));
    }

    [Fact]
    public async Task Observe_WholeStory_IsToldInOrder()
    {
        LeaderElection election = new(Client, NewName());
        await using IAsyncEnumerator<Leader?> story = election.ObserveAsync().WithStepLimit().GetAsyncEnumerator();
        Assert.Null(await NextAsync(story));

        Leadership first = await election.CampaignAsync("one");
        Assert.Equal((Bytes)"one", (await NextAsync(story))!.Value);
        await first.ProclaimAsync("one, renamed");
        Leader? renamed = await NextAsync(story);
        Assert.Equal(((Bytes)"one, renamed", first.FencingToken), (renamed!.Value, renamed.FencingToken));
        await first.ResignAsync();
        Assert.Null(await NextAsync(story));
        await using Leadership second = await election.CampaignAsync("two");
        Assert.Equal((Bytes)"two", (await NextAsync(story))!.Value);
    }

    [Fact]
    public async Task Proclaim_AfterTheLeadershipIsLost_ChangesNothing()
    {
        LeaderElection election = new(Client, NewName());
        await using Leadership leadership = await election.CampaignAsync("one");
        Leader? leader = await election.GetLeaderAsync();
        await Client.DeleteAsync(leader!.Key);
        await Assert.ThrowsAsync<LeaseLostException>(() => leadership.ProclaimAsync("still me"));
        Assert.Null(await election.GetLeaderAsync());
    }

    private static async Task<Leader?> NextAsync(IAsyncEnumerator<Leader?> story)
    {
        Assert.True(await story.MoveNextAsync());
        return story.Current;
    }
}
