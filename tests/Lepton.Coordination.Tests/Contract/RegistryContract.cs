using System.Collections.Immutable;
using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>The registry of services.</summary>
public abstract class RegistryContract(ICoordinationServerFixture server) : ContractTest(server)
{
    private static readonly LeaseSessionOptions s_short = new() { Ttl = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task Follow_InstancesComeAndGo_EveryStateIsTold()
    {
        ServiceRegistry registry = new(Client, NewName());
        await using IAsyncEnumerator<ServiceView> views =
            registry.FollowAsync("api").WithStepLimit().GetAsyncEnumerator();
        Assert.Empty(await NextAsync(views));

        ServiceInstance first = new("api", "a", "http://10.0.0.1:80")
        {
            Metadata = ImmutableSortedDictionary<string, string>.Empty.Add("zone", "west"),
        };
        ServiceInstance second = new("api", "b", "http://10.0.0.2:80");
        ServiceRegistration registration = await registry.RegisterAsync(first);
        Assert.Equal(["a"], (await NextAsync(views)).Select(instance => instance.Id));
        await using ServiceRegistration other = await registry.RegisterAsync(second);
        IReadOnlyList<ServiceInstance> both = await NextAsync(views);
        Assert.Equal([first.Address, second.Address], both.Select(instance => instance.Address));
        Assert.Equal("west", both[0].Metadata["zone"]);
        await registration.DisposeAsync();
        Assert.Equal(["b"], (await NextAsync(views)).Select(instance => instance.Id));
        Assert.Equal(["b"], (await registry.FindAsync("api")).Instances.Select(instance => instance.Id));
        Assert.Empty((await registry.FindAsync("other")).Instances);
    }

    [Fact]
    public async Task Register_IdTaken_IsRefusedAndNothingChanges()
    {
        ServiceRegistry registry = new(Client, NewName());
        await using ServiceRegistration first = await registry.RegisterAsync(new ServiceInstance("api", "a", "one"));
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => registry.RegisterAsync(new ServiceInstance("api", "a", "two")));
        Assert.Contains("is registered already", e.Message, StringComparison.Ordinal);
        Assert.Equal("one", Assert.Single((await registry.FindAsync("api")).Instances).Address);
    }

    [Fact]
    public async Task Register_LeaseLost_IsListedAgain()
    {
        string prefix = NewName();
        ServiceRegistry registry = new(Client, prefix);
        await using ServiceRegistration registration =
            await registry.RegisterAsync(new ServiceInstance("api", "a", "one"), s_short);
        await using IAsyncEnumerator<ServiceView> views =
            registry.FollowAsync("api").WithStepLimit().GetAsyncEnumerator();
        Assert.Single(await NextAsync(views));
        await Client.RevokeLeaseAsync((await Client.GetAsync($"{prefix}/api/a"))!.Lease);
        Assert.Empty(await NextAsync(views));
        Assert.Single(await NextAsync(views));
        Assert.Null(registration.Conflict);
    }

    [Fact]
    public async Task Follow_HistoryCompacted_GoesOnWithTheState()
    {
        ServiceRegistry registry = new(Client, NewName());
        await using ServiceRegistration one = await registry.RegisterAsync(new ServiceInstance("api", "a", "one"));
        await using IAsyncEnumerator<ServiceView> views =
            registry.FollowAsync("api").WithStepLimit().GetAsyncEnumerator();
        Assert.Single(await NextAsync(views));
        await using ServiceRegistration two = await registry.RegisterAsync(new ServiceInstance("api", "b", "two"));
        await Client.CompactAsync((await Client.PutAsync(NewName(), "x")).Revision);

        // The follower begins to watch only now, at a revision whose history is gone.
        Assert.Equal(2, (await NextAsync(views)).Count);
    }

    [Theory]
    [InlineData("a/b", "i")]
    [InlineData("s", "a/b")]
    [InlineData("s", "")]
    public async Task Register_BadName_IsRefusedBeforeAnythingIsSent(string service, string id) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => new ServiceRegistry(Client, NewName()).RegisterAsync(new ServiceInstance(service, id, "x")));

    private static async Task<IReadOnlyList<ServiceInstance>> NextAsync(IAsyncEnumerator<ServiceView> views)
    {
        Assert.True(await views.MoveNextAsync());
        return views.Current.Instances;
    }
}
