using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Keys and values.</summary>
public abstract class KeyValueContract(ICoordinationServerFixture server) : ContractTest(server)
{
    [Fact]
    public async Task PutAndGet_OneKey_CountsRevisionsAndVersions()
    {
        string key = NewName();
        Assert.Null(await Client.GetAsync(key));

        PutResult first = await Client.PutAsync(key, "one");
        PutResult second = await Client.PutAsync(key, "two", new PutOptions { WithPrevious = true });
        KeyValue? entry = await Client.GetAsync(key);

        Assert.Equal(first.Revision.Next, second.Revision);
        Assert.Null(first.Previous);
        Assert.Equal((Bytes)"one", second.Previous!.Value);
        Assert.Equal(
            new KeyValue(key, "two", first.Revision, second.Revision, 2, LeaseId.None), entry);
    }

    [Fact]
    public async Task PutAndGet_AnyBytes_ComeBackAsTheyWere()
    {
        Bytes key = new byte[] { 0xff, 0, 0x80, (byte)NewName()[^1] };
        byte[] value = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        await Client.PutAsync(key, value);
        Assert.Equal((Bytes)value, (await Client.GetAsync(key))!.Value);
        await Client.PutAsync(key, Bytes.Empty);
        Assert.True((await Client.GetAsync(key))!.Value.IsEmpty);
        await Client.DeleteAsync(KeyRange.Of(key));
    }

    [Fact]
    public async Task Get_AtRevision_IsThePast()
    {
        string key = NewName();
        PutResult first = await Client.PutAsync(key, "one");
        await Client.DeleteAsync(key);
        KeyValue? then = await Client.GetAsync(key, new RangeOptions { AtRevision = first.Revision });
        Assert.Equal((Bytes)"one", then!.Value);
        Assert.Null(await Client.GetAsync(key));
    }

    [Fact]
    public async Task Get_FutureRevision_IsRefused()
    {
        string key = NewName();
        PutResult put = await Client.PutAsync(key, "one");
        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(
            () => Client.GetAsync(key, new RangeOptions { AtRevision = new Revision(put.Revision.Value + 1000) }));
        Assert.Equal(CoordinationFailure.FutureRevision, e.Failure);
        Assert.StartsWith(
            $"The read of '{key}' failed: the server {e.Endpoint} failed with OutOfRange: ", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Range_OrderLimitCountAndBounds_AreTheServers()
    {
        string prefix = NewName() + "/";
        Revision[] put = new Revision[3];
        foreach ((int i, string key) in ((string[])["b", "c", "a"]).Index())
        {
            put[i] = (await Client.PutAsync(prefix + key, key)).Revision;
        }

        KeyRange all = KeyRange.Prefix(prefix);
        Assert.Equal("abc", await ReadAsync(all, new RangeOptions()));
        Assert.Equal("cba", await ReadAsync(all, new RangeOptions { Descending = true }));
        Assert.Equal("bca", await ReadAsync(all, new RangeOptions { OrderBy = RangeOrder.CreateRevision }));
        Assert.Equal("a", await ReadAsync(
            all, new RangeOptions { OrderBy = RangeOrder.ModRevision, Descending = true, Limit = 1 }));
        Assert.Equal("bc", await ReadAsync(all, new RangeOptions { CreateRevisionMax = put[1] }));
        Assert.Equal("ac", await ReadAsync(all, new RangeOptions { ModRevisionMin = put[1] }));
        Assert.Equal("ab", await ReadAsync(KeyRange.Between(prefix + "a", prefix + "c"), new RangeOptions()));

        RangeResult limited = await Client.RangeAsync(all, new RangeOptions { Limit = 2 });
        Assert.Equal((3, true, 2), (limited.Count, limited.More, limited.Entries.Count));
        RangeResult counted = await Client.RangeAsync(all, new RangeOptions { CountOnly = true });
        Assert.Equal((3, 0), (counted.Count, counted.Entries.Count));
        RangeResult keysOnly = await Client.RangeAsync(all, new RangeOptions { KeysOnly = true });
        Assert.All(keysOnly.Entries, entry => Assert.True(entry.Value.IsEmpty));
        Assert.Equal("abc", await ReadAsync(all, new RangeOptions { Serializable = true }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Scan_PagesOfAnySize_IsOneStateOfAllKeys(int pageKeys)
    {
        string prefix = NewName() + "/";
        List<string> expected = [.. Enumerable.Range(0, 7).Select(i => $"{prefix}{i}")];
        foreach (string key in expected)
        {
            await Client.PutAsync(key, "before");
        }

        List<string> seen = [];
        await foreach (KeyValue entry in Client.ScanAsync(KeyRange.Prefix(prefix), pageKeys))
        {
            Assert.Equal((Bytes)"before", entry.Value);
            seen.Add(entry.Key.ToString());
            await Client.PutAsync(prefix + "6", pageKeys == 1000 ? "before" : "after");
            await Client.PutAsync($"{prefix}new{seen.Count}", "after");
        }

        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task Delete_Range_SaysWhatItDeleted()
    {
        string prefix = NewName() + "/";
        await Client.PutAsync(prefix + "a", "1");
        PutResult last = await Client.PutAsync(prefix + "b", "2");
        DeleteResult deleted = await Client.DeleteAsync(
            KeyRange.Prefix(prefix), new DeleteOptions { WithPrevious = true });
        Assert.Equal((2, "12"), (deleted.Deleted, string.Concat(deleted.Previous.Select(entry => entry.Value))));
        Assert.True(deleted.Revision > last.Revision);
        Assert.Equal(0, (await Client.DeleteAsync(KeyRange.Prefix(prefix))).Deleted);
    }

    [Fact]
    public async Task Put_KeepValueAndKeepLease_ChangeTheOtherAlone()
    {
        string key = NewName();
        LeaseGrant lease = await Client.GrantLeaseAsync(TimeSpan.FromMinutes(5));
        await Client.PutAsync(key, "value");
        await Client.PutAsync(key, Bytes.Empty, new PutOptions { KeepValue = true, Lease = lease.Id });
        await Client.PutAsync(key, "other", new PutOptions { KeepLease = true });
        KeyValue? entry = await Client.GetAsync(key);
        Assert.Equal(((Bytes)"other", lease.Id, 3L), (entry!.Value, entry.Lease, entry.Version));
        await Client.RevokeLeaseAsync(lease.Id);
        Assert.Null(await Client.GetAsync(key));

        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(
            () => Client.PutAsync(key, Bytes.Empty, new PutOptions { KeepValue = true }));
        Assert.Equal(CoordinationFailure.InvalidRequest, e.Failure);
    }

    [Fact]
    public async Task Put_UnknownLease_IsCertainlyRefused()
    {
        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(
            () => Client.PutAsync(NewName(), "x", new PutOptions { Lease = new LeaseId(4711) }));
        Assert.Equal(CoordinationFailure.LeaseNotFound, e.Failure);
    }

    [Fact]
    public async Task Put_OverTheServersLimit_IsCertainlyRefused()
    {
        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(
            () => Client.PutAsync(NewName(), new byte[3 * 1024 * 1024]));
        Assert.Equal(CoordinationFailure.TooLarge, e.Failure);
        Assert.IsNotType<OutcomeUnknownException>(e);
    }

    [Fact]
    public async Task Compact_OldRevision_IsGoneAndNamed()
    {
        string key = NewName();
        PutResult old = await Client.PutAsync(key, "old");
        PutResult now = await Client.PutAsync(key, "new");
        await Client.CompactAsync(now.Revision, waitForSpace: true);

        await Assert.ThrowsAsync<CompactedException>(
            () => Client.GetAsync(key, new RangeOptions { AtRevision = old.Revision }));
        Assert.Equal((Bytes)"new", (await Client.GetAsync(key))!.Value);
        await Assert.ThrowsAsync<CompactedException>(() => Client.CompactAsync(old.Revision));
    }

    [Fact]
    public async Task Get_Cancelled_IsCancelled()
    {
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Client.GetAsync(NewName(), null, cancelled.Token));
    }

    private async Task<string> ReadAsync(KeyRange keys, RangeOptions options) =>
        string.Concat((await Client.RangeAsync(keys, options)).Entries.Select(entry => entry.Value.ToString()));
}
