using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Leases and sessions.</summary>
public abstract class LeaseContract(ICoordinationServerFixture server) : ContractTest(server)
{
    [Fact]
    public async Task Grant_KeepAliveRevoke_LiveAndEndWithTheirKeys()
    {
        string key = NewName();
        LeaseGrant lease = await Client.GrantLeaseAsync(TimeSpan.FromSeconds(59.5));
        await Client.PutAsync(key, "x", new PutOptions { Lease = lease.Id });

        Assert.Equal(TimeSpan.FromSeconds(60), lease.Ttl);
        Assert.Equal(lease.Ttl, await Client.KeepLeaseAliveAsync(lease.Id));
        LeaseStatus? status = await Client.GetLeaseAsync(lease.Id, withKeys: true);
        Assert.Equal(lease.Ttl, status!.GrantedTtl);
        Assert.InRange(status.TimeLeft, TimeSpan.FromSeconds(50), lease.Ttl);
        Assert.Equal([(Bytes)key], status.Keys);
        Assert.Contains(lease.Id, await Client.ListLeasesAsync());

        Assert.True(await Client.RevokeLeaseAsync(lease.Id));
        Assert.False(await Client.RevokeLeaseAsync(lease.Id));
        Assert.Null(await Client.GetAsync(key));
        Assert.Null(await Client.GetLeaseAsync(lease.Id));
        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(
            () => Client.KeepLeaseAliveAsync(lease.Id));
        Assert.Equal(CoordinationFailure.LeaseNotFound, e.Failure);
    }

    [Fact]
    public async Task Session_KeptAlive_OutlivesItsTtl()
    {
        await using LeaseSession session = await LeaseSession.StartAsync(Client, OneSecond);
        string key = NewName();
        Revision put = (await Client.PutAsync(key, "x", new PutOptions { Lease = session.Lease })).Revision;

        // A lease that nobody keeps alive, granted later, is the clock: when it has ended, so would this one have.
        await UnkeptLeaseEndsAsync();
        Assert.True(session.IsAlive);
        Assert.Equal(put, (await Client.GetAsync(key))!.ModRevision);

        await session.EndAsync();
        Assert.Equal(LeaseLoss.Released, session.Loss);
        Assert.True(session.Lost.IsCancellationRequested);
        Assert.Null(await Client.GetAsync(key));
    }

    [Fact]
    public async Task Session_RevokedByAnother_IsLost()
    {
        await using LeaseSession session = await LeaseSession.StartAsync(Client, OneSecond);
        await Client.RevokeLeaseAsync(session.Lease);
        await Step(Cancelled(session.Lost), "the session is told that its lease was revoked");
        Assert.Equal(LeaseLoss.LeaseEnded, session.Loss);
        LeaseLostException e = Assert.Throws<LeaseLostException>(session.ThrowIfLost);
        Assert.Contains($"{session.Lease}", e.Message, StringComparison.Ordinal);
    }

    private static LeaseSessionOptions OneSecond => new() { Ttl = TimeSpan.FromSeconds(1) };

    private async Task UnkeptLeaseEndsAsync()
    {
        string key = NewName();
        LeaseGrant lease = await Client.GrantLeaseAsync(TimeSpan.FromSeconds(1));
        Revision put = (await Client.PutAsync(key, "x", new PutOptions { Lease = lease.Id })).Revision;
        await foreach (WatchBatch batch in Client.WatchAsync(
            key, new WatchOptions { StartRevision = put.Next }).WithStepLimit())
        {
            Assert.Equal(WatchEventKind.Delete, batch.Events[0].Kind);
            return;
        }
    }
}
