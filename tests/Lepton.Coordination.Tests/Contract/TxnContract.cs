using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Transactions.</summary>
public abstract class TxnContract(ICoordinationServerFixture server) : ContractTest(server)
{
    [Fact]
    public async Task Commit_ConditionHoldsOrNot_TakesTheBranch()
    {
        string key = NewName();
        Txn claim = Txn.If(Condition.Absent(key))
            .Then(Operation.Put(key, "first"))
            .Else(Operation.Get(key), Operation.Delete(key, new DeleteOptions { WithPrevious = true }));

        TxnResult first = await Client.CommitAsync(claim);
        TxnResult second = await Client.CommitAsync(claim);

        Assert.True(first.Succeeded);
        Assert.Null(first.Outcomes[0].Put.Previous);
        Assert.False(second.Succeeded);
        Assert.Equal(first.Revision, second.Outcomes[0].Range.Entries[0].CreateRevision);
        Assert.Equal((Bytes)"first", second.Outcomes[1].Delete.Previous[0].Value);
        Assert.Equal(first.Revision.Next, second.Revision);
        Assert.Throws<InvalidOperationException>(() => second.Outcomes[0].Put);
    }

    [Fact]
    public async Task Commit_EveryKindOfCondition_ComparesWhatItNames()
    {
        string key = NewName();
        LeaseGrant lease = await Client.GrantLeaseAsync(TimeSpan.FromMinutes(5));
        Revision created = (await Client.PutAsync(key, "a")).Revision;
        Revision changed = (await Client.PutAsync(key, "m", new PutOptions { Lease = lease.Id })).Revision;

        Assert.True(await HoldsAsync(Condition.Exists(key)));
        Assert.False(await HoldsAsync(Condition.Absent(key)));
        Assert.True(await HoldsAsync(Condition.Version(key, Comparison.Equal, 2)));
        Assert.True(await HoldsAsync(Condition.Version(key, Comparison.Greater, 1)));
        Assert.False(await HoldsAsync(Condition.Version(key, Comparison.Less, 2)));
        Assert.True(await HoldsAsync(Condition.CreateRevision(key, Comparison.Equal, created)));
        Assert.True(await HoldsAsync(Condition.ModRevision(key, Comparison.Equal, changed)));
        Assert.False(await HoldsAsync(Condition.ModRevision(key, Comparison.NotEqual, changed)));
        Assert.True(await HoldsAsync(Condition.Value(key, Comparison.Equal, "m")));
        Assert.True(await HoldsAsync(Condition.Value(key, Comparison.Less, "n")));
        Assert.True(await HoldsAsync(Condition.Lease(key, Comparison.Equal, lease.Id)));
        Assert.False(await HoldsAsync(
            Condition.Exists(key), Condition.Value(key, Comparison.Equal, "other")));
        Assert.True(await HoldsAsync(
            Condition.Version(KeyRange.Prefix(key), Comparison.Greater, 0)));
        await Client.RevokeLeaseAsync(lease.Id);
    }

    [Fact]
    public async Task Commit_Nested_HasItsOwnConditionsAndOneRevision()
    {
        string key = NewName();
        TxnResult result = await Client.CommitAsync(Txn.Do(
            Operation.Put(key + "/a", "1"),
            Operation.Nested(Txn.If(Condition.Absent(key + "/b"))
                .Then(Operation.Put(key + "/b", "2"))
                .Else(Operation.Get(key + "/b")))));

        Assert.True(result.Outcomes[1].Txn.Succeeded);
        RangeResult all = await Client.RangeAsync(KeyRange.Prefix(key));
        Assert.All(all.Entries, entry => Assert.Equal(result.Revision, entry.ModRevision));
        Assert.Equal(2, all.Count);
    }

    [Fact]
    public async Task Commit_ReadAfterPut_SeesIt()
    {
        string key = NewName();
        TxnResult result = await Client.CommitAsync(Txn.Do(Operation.Put(key, "new"), Operation.Get(key)));
        Assert.Equal((Bytes)"new", result.Outcomes[1].Range.Entries[0].Value);
    }

    [Fact]
    public async Task Commit_OneKeyPutTwice_IsRefusedWhole()
    {
        string key = NewName();
        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(() => Client.CommitAsync(
            Txn.Do(Operation.Put(key, "1"), Operation.Put(key, "2"))));
        Assert.Equal(CoordinationFailure.InvalidRequest, e.Failure);
        Assert.Contains("duplicate key", e.Message, StringComparison.Ordinal);
        Assert.Null(await Client.GetAsync(key));
    }

    private async Task<bool> HoldsAsync(params Condition[] conditions) =>
        (await Client.CommitAsync(Txn.If(conditions))).Succeeded;
}
