using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Counters.</summary>
public abstract class CounterContract(ICoordinationServerFixture server) : ContractTest(server)
{
    [Fact]
    public async Task Add_ManyAtOnce_NoneIsLost()
    {
        string name = NewName();
        long[] sums = await Step(
            Task.WhenAll(Enumerable.Range(0, 8).SelectMany(_ =>
            {
                DistributedCounter counter = new(NewClient(), name);
                return Enumerable.Range(0, 5).Select(_ => counter.AddAsync(1));
            })),
            "all additions are carried out");
        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), sums.Order());
        Assert.Equal(40, await new DistributedCounter(Client, name).GetAsync());
    }

    [Fact]
    public async Task Add_Overflow_ChangesNothing()
    {
        DistributedCounter counter = new(Client, NewName());
        Assert.Equal(0, await counter.GetAsync());
        Assert.Equal(-7, await counter.AddAsync(-7));
        Assert.Equal(long.MaxValue - 7, await counter.AddAsync(long.MaxValue));
        OverflowException e = await Assert.ThrowsAsync<OverflowException>(() => counter.AddAsync(8));
        Assert.Contains(counter.Name, e.Message, StringComparison.Ordinal);
        Assert.Equal(long.MaxValue - 7, await counter.GetAsync());
    }

    [Fact]
    public async Task Get_NotANumber_SaysWhatItFound()
    {
        string name = NewName();
        await Client.PutAsync(name, "many");
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(
            () => new DistributedCounter(Client, name).AddAsync(1));
        Assert.Contains("'many'", e.Message, StringComparison.Ordinal);
    }
}
