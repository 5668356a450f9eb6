using System.Net;
using Lepton.Coordination.Protocol;
using Lepton.Raft;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Services;

/// <summary>What operators call: members, status, hashes, and the plain HTTP routes.</summary>
public sealed class AdministrationTests : ServiceTest
{
    [Fact]
    public async Task Members_AddedPromotedUpdatedRemoved_AreListedSo()
    {
        TestServer server = await ServeAsync();
        MemberAddResponse added = await server.Channel.UnaryAsync(
            Methods.MemberAdd, new() { PeerURLs = { "http://127.0.0.1:7", "https://host:8" }, IsLearner = true });
        Assert.Equal(2, added.Members.Count);
        Assert.True(added.Member.IsLearner);
        Assert.Equal("", added.Member.Name);
        await FailsAsync(
            server.Channel.UnaryAsync(Methods.MemberAdd, new() { PeerURLs = { "https://host:8" } }),
            StatusCode.FailedPrecondition, "etcdserver: Peer URLs already exists");
        MemberUpdateResponse updated = await server.Channel.UnaryAsync(
            Methods.MemberUpdate, new() { ID = added.Member.ID, PeerURLs = { "http://127.0.0.1:9" } });
        Assert.Equal(["http://127.0.0.1:9"], updated.Members.Single(m => m.ID == added.Member.ID).PeerURLs);
        MemberPromoteResponse promoted = await server.Channel.UnaryAsync(
            Methods.MemberPromote, new() { ID = added.Member.ID });
        Assert.DoesNotContain(promoted.Members, static member => member.IsLearner);
        await FailsAsync(
            server.Channel.UnaryAsync(Methods.MemberPromote, new() { ID = added.Member.ID }),
            StatusCode.FailedPrecondition, "etcdserver: can only promote a learner member");
        await server.Channel.UnaryAsync(Methods.MemberRemove, new() { ID = added.Member.ID });
        await FailsAsync(
            server.Channel.UnaryAsync(Methods.MemberRemove, new() { ID = server.Node.Status.Id.Value }),
            StatusCode.FailedPrecondition,
            "etcdserver: re-configuration failed due to not enough started members");
        MemberListResponse list = await server.Channel.UnaryAsync(Methods.MemberList, new() { Linearizable = true });
        Member self = Assert.Single(list.Members);
        Assert.Equal(("default", server.Node.Status.Id.Value), (self.Name, self.ID));
        Assert.Equal([$"http://{server.Address.Authority}"], self.ClientURLs);
    }

    [Fact]
    public async Task HashKeys_SameContent_SameHash()
    {
        TestServer one = await ServeAsync();
        TestServer other = await ServeAsync();
        foreach (TestServer server in (TestServer[])[one, other])
        {
            await server.Channel.UnaryAsync(Methods.Put, Put("a", "1"));
            await server.Channel.UnaryAsync(Methods.Put, Put("b", "2"));
        }

        HashKVResponse first = await one.Channel.UnaryAsync(Methods.HashKeys, new());
        HashKVResponse second = await other.Channel.UnaryAsync(Methods.HashKeys, new());
        Assert.Equal((first.Hash, 3), (second.Hash, second.HashRevision));
        await other.Channel.UnaryAsync(Methods.Put, Put("b", "3"));
        Assert.NotEqual(first.Hash, (await other.Channel.UnaryAsync(Methods.HashKeys, new())).Hash);
        Assert.Equal(first.Hash, (await other.Channel.UnaryAsync(Methods.HashKeys, new() { Revision = 3 })).Hash);
        await other.Channel.UnaryAsync(Methods.Compact, new() { Revision = 4 });
        await FailsAsync(
            other.Channel.UnaryAsync(Methods.HashKeys, new() { Revision = 3 }),
            StatusCode.OutOfRange, "etcdserver: mvcc: required revision has been compacted");
    }

    [Fact]
    public async Task MoveLeader_NotToAVoterOrNotFromTheLeader_IsRefused()
    {
        TestServer server = await ServeAsync();
        MemberAddResponse added = await server.Channel.UnaryAsync(
            Methods.MemberAdd, new() { PeerURLs = { "http://127.0.0.1:7" } });
        await FailsAsync(server.Channel.UnaryAsync(Methods.MoveLeader, new() { TargetID = 5 }),
            StatusCode.FailedPrecondition, "etcdserver: bad leader transferee");
        await server.Channel.UnaryAsync(Methods.MemberPromote, new() { ID = added.Member.ID });
        await server.Channel.UnaryAsync(Methods.MoveLeader, new() { TargetID = added.Member.ID });
        await FailsAsync(server.Channel.UnaryAsync(Methods.MoveLeader, new() { TargetID = added.Member.ID }),
            StatusCode.FailedPrecondition, "etcdserver: not leader");
    }

    [Fact]
    public async Task Snapshot_NoExport_IsRefused()
    {
        TestServer server = await ServeAsync();
        RpcException e = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (SnapshotResponse part in server.Channel.ServerStreaming(Methods.Snapshot, new()))
            {
                Assert.Fail($"A part of {part.Blob.Length} bytes came.");
            }
        });
        Assert.Equal(StatusCode.Unimplemented, e.StatusCode);
    }

    [Fact]
    public async Task HealthVersionMetrics_PlainHttp_AreServed()
    {
        TestServer server = await ServeAsync();
        await server.Channel.UnaryAsync(Methods.Put, Put("a", "1"));
        Assert.Equal((HttpStatusCode.OK, """{"health":"true","reason":""}"""), await server.GetAsync("/health"));
        Assert.Equal(
            (HttpStatusCode.OK, """{"etcdserver":"3.5.0","etcdcluster":"3.5.0"}"""), await server.GetAsync("/version"));
        Assert.Equal(1, await server.MetricAsync("lepton_coordination_puts_total"));
        Assert.Equal(2, await server.MetricAsync("lepton_coordination_revision"));
        Assert.Equal(1, await server.MetricAsync("lepton_coordination_is_leader"));

        server.Node.Status = server.Node.Status with { Leader = NodeId.None };
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"health":"false","reason":"RAFT NO LEADER"}"""),
            await server.GetAsync("/health"));
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/health?serializable=true")).Status);
    }

    [Fact]
    public async Task Health_AlarmIsOn_IsNotHealthy()
    {
        TestServer server = await ServeAsync();
        await server.Channel.UnaryAsync(Methods.Alarm, new()
        {
            Action = AlarmRequest.Types.AlarmAction.Activate,
            Alarm = AlarmType.Nospace,
            MemberID = 5,
        });
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"health":"false","reason":"ALARM NOSPACE"}"""),
            await server.GetAsync("/health"));
        StatusResponse status = await server.Channel.UnaryAsync(Methods.Status, new());
        Assert.Equal("memberID:5 alarm:NOSPACE ", Assert.Single(status.Errors));
    }
}
