using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Watches.</summary>
public abstract class WatchContract(ICoordinationServerFixture server) : ContractTest(server)
{
    [Fact]
    public async Task Watch_FromThePast_TellsAllInOrderThenWhatComes()
    {
        string key = NewName();
        Revision first = (await Client.PutAsync(key, "1")).Revision;
        await Client.PutAsync(key, "2");
        await Client.DeleteAsync(key);

        List<string> told = [];
        Revision last = Revision.None;
        await foreach (WatchBatch batch in Client.WatchAsync(
            key, new WatchOptions { StartRevision = first, WithPrevious = true }).WithStepLimit())
        {
            Assert.All(batch.Events, change => Assert.InRange(change.Entry.ModRevision.Value, last.Value + 1,
                batch.Revision.Value));
            last = batch.Revision;
            told.AddRange(batch.Events.Select(
                change => $"{change.Kind} {change.Entry.Value} was {change.Previous?.Value.ToString() ?? "none"}"));
            if (told.Count == 3)
            {
                await Client.PutAsync(key, "3");
            }

            if (told.Count == 4)
            {
                break;
            }
        }

        Assert.Equal(["Put 1 was none", "Put 2 was 1", "Delete  was 2", "Put 3 was none"], told);
    }

    [Fact]
    public async Task Watch_OneTransaction_IsOneBatch()
    {
        string prefix = NewName() + "/";
        TxnResult txn = await Client.CommitAsync(Txn.Do(
            [.. Enumerable.Range(0, 50).Select(i => Operation.Put($"{prefix}{i:00}", "x"))]));
        WatchBatch batch = await FirstAsync(
            KeyRange.Prefix(prefix), new WatchOptions { StartRevision = txn.Revision });
        Assert.Equal(50, batch.Events.Count);
        Assert.Equal(txn.Revision, batch.Revision);
    }

    [Fact]
    public async Task Watch_Filters_LeaveOut()
    {
        string key = NewName();
        Revision first = (await Client.PutAsync(key, "1")).Revision;
        await Client.DeleteAsync(key);
        WatchBatch deletes = await FirstAsync(
            key, new WatchOptions { StartRevision = first, WithoutPuts = true });
        Assert.Equal(WatchEventKind.Delete, Assert.Single(deletes.Events).Kind);
        WatchBatch puts = await FirstAsync(
            key, new WatchOptions { StartRevision = first, WithoutDeletes = true });
        Assert.Equal(WatchEventKind.Put, Assert.Single(puts.Events).Kind);
    }

    [Fact]
    public async Task Watch_CompactedHistory_SaysFromWhereItCanBeWatched()
    {
        string key = NewName();
        Revision first = (await Client.PutAsync(key, "1")).Revision;
        Revision second = (await Client.PutAsync(key, "2")).Revision;
        await Client.CompactAsync(second);
        CompactedException e = await Assert.ThrowsAsync<CompactedException>(
            () => FirstAsync(key, new WatchOptions { StartRevision = first }));
        Assert.True(e.CompactRevision >= second, $"{e.CompactRevision} is below {second}.");
        Assert.Contains($"can't go on from revision {first}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trap31_WatchOfAFutureRevision_TellsNothingEarlier()
    {
        string key = NewName();
        Revision now = (await Client.PutAsync(key, "0")).Revision;
        Task<WatchBatch> watching = FirstAsync(key, new WatchOptions { StartRevision = new(now.Value + 3) });
        Revision at = now;
        for (int i = 1; at.Value < now.Value + 3; i++)
        {
            at = (await Client.PutAsync(key, $"{i}")).Revision;
        }

        WatchBatch batch = await Step(watching, "the watch tells of the revision that it waited for");
        Assert.All(batch.Events, change => Assert.True(change.Entry.ModRevision.Value >= now.Value + 3));
    }

    [Fact]
    public async Task Watch_SlowReader_MissesNothing()
    {
        string key = NewName();
        Revision first = (await Client.PutAsync(key, "0")).Revision;
        await using IAsyncEnumerator<WatchBatch> watch = Client.WatchAsync(
            key, new WatchOptions { StartRevision = first }).WithStepLimit().GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        List<WatchEvent> told = [.. watch.Current.Events];
        byte[] value = new byte[100_000];
        for (int i = 1; i < 100; i++)
        {
            await Client.PutAsync(key, value);
        }

        while (told.Count < 100)
        {
            Assert.True(await watch.MoveNextAsync());
            told.AddRange(watch.Current.Events);
        }

        Assert.Equal(Enumerable.Range(1, 100), told.Select(change => (int)change.Entry.Version));
    }

    [Fact]
    public async Task Watch_Cancelled_Ends()
    {
        using CancellationTokenSource stop = new();
        Task watching = FirstAsync(NewName(), new WatchOptions(), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Step(watching, "the watch ends"));
    }

    private async Task<WatchBatch> FirstAsync(
        KeyRange keys, WatchOptions options, CancellationToken cancellation = default)
    {
        await foreach (WatchBatch batch in Client.WatchAsync(keys, options, cancellation).WithStepLimit(cancellation))
        {
            return batch;
        }

        throw new InvalidOperationException("The watch ended.");
    }
}
