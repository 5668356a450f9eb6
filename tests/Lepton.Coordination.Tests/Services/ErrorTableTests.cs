using System.Net;
using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Services;

/// <summary>How calls fail, in etcd's codes and texts.</summary>
public sealed class ErrorTableTests : ServiceTest
{
    [Theory]
    [InlineData(ConsensusFailure.NoLeader, StatusCode.Unavailable, "etcdserver: no leader")]
    [InlineData(ConsensusFailure.LeaderChanged, StatusCode.Unavailable, "etcdserver: leader changed")]
    [InlineData(ConsensusFailure.Timeout, StatusCode.Unavailable, "etcdserver: request timed out")]
    [InlineData(ConsensusFailure.Overloaded, StatusCode.ResourceExhausted, "etcdserver: too many requests")]
    [InlineData(ConsensusFailure.DiskFull, StatusCode.ResourceExhausted, "etcdserver: mvcc: database space exceeded")]
    [InlineData(ConsensusFailure.MemberDiskFull, StatusCode.Unavailable,
        "etcdserver: the disk of the member, or of the leader, is full, and nothing was begun; ask another member")]
    [InlineData(ConsensusFailure.Stopped, StatusCode.Unavailable, "etcdserver: server stopped")]
    [InlineData(ConsensusFailure.NotLeader, StatusCode.FailedPrecondition, "etcdserver: not leader")]
    [InlineData(ConsensusFailure.ClusterUnhealthy, StatusCode.Unavailable, "etcdserver: unhealthy cluster")]
    public async Task Call_ConsensusFails_HasTheStatusOfEtcd(ConsensusFailure failure, StatusCode code, string text)
    {
        TestServer server = await ServeAsync();
        server.Node.Failure = failure;
        await FailsAsync(server.Channel.UnaryAsync(Methods.Put, Put("a")), code, text);
        await FailsAsync(server.Channel.UnaryAsync(Methods.Range, Get("a")), code, text);
        await FailsAsync(server.Channel.UnaryAsync(Methods.LeaseGrant, new() { TTL = 5 }), code, text);
        await FailsAsync(server.Channel.UnaryAsync(Methods.Lock, new() { Name = Bytes("l"), Lease = 1 }), code, text);
        server.Node.Failure = null;
        await server.Channel.UnaryAsync(Methods.Put, Put("a"));
    }

    [Theory]
    [InlineData(ConsensusFailure.MembershipChangePending, StatusCode.Unavailable,
        "etcdserver: another change of the membership is not done yet")]
    [InlineData(ConsensusFailure.MembershipChangeInvalid, StatusCode.FailedPrecondition,
        "etcdserver: the test wants it so")]
    public async Task MemberChange_Refused_HasAStatus(ConsensusFailure failure, StatusCode code, string text)
    {
        TestServer server = await ServeAsync();
        MemberAddResponse added = await server.Channel.UnaryAsync(
            Methods.MemberAdd, new() { PeerURLs = { "http://127.0.0.1:9" }, IsLearner = true });
        server.Node.MembershipFailure = failure;
        await FailsAsync(
            server.Channel.UnaryAsync(Methods.MemberPromote, new() { ID = added.Member.ID }), code, text);
    }

    [Fact]
    public async Task MemberPromote_LearnerLagsBehind_IsNotReady()
    {
        TestServer server = await ServeAsync();
        MemberAddResponse added = await server.Channel.UnaryAsync(
            Methods.MemberAdd, new() { PeerURLs = { "http://127.0.0.1:9" }, IsLearner = true });
        server.Node.MembershipFailure = ConsensusFailure.LearnerNotReady;
        await FailsAsync(
            server.Channel.UnaryAsync(Methods.MemberPromote, new() { ID = added.Member.ID }),
            StatusCode.FailedPrecondition,
            "etcdserver: can only promote a learner member which is in sync with leader");
    }

    [Fact]
    public async Task Call_NoAnswerInTime_TimesOut()
    {
        TestServer server = await ServeAsync(new() { RequestTimeout = TimeSpan.FromMilliseconds(50) });
        server.Node.Hangs = true;
        await FailsAsync(server.Channel.UnaryAsync(Methods.Put, Put("a")), StatusCode.Unavailable,
            "etcdserver: request timed out");
        await FailsAsync(server.Channel.UnaryAsync(Methods.Range, Get("a")), StatusCode.Unavailable,
            "etcdserver: request timed out");
    }

    [Fact]
    public async Task Call_CallersDeadline_IsTheCallers()
    {
        TestServer server = await ServeAsync();
        server.Node.Hangs = true;
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => server.Channel.UnaryAsync(
            Methods.Put, Put("a"), new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(50) }));
        Assert.Equal(StatusCode.DeadlineExceeded, e.StatusCode);
    }

    [Fact]
    public async Task Put_LargerThanTheLimit_IsRefusedAndTheNextServed()
    {
        TestServer server = await ServeAsync(new() { RequestBytesMax = 10_000 });
        PutRequest large = new() { Key = Bytes("a"), Value = ByteString.CopyFrom(new byte[10_001]) };
        await FailsAsync(server.Channel.UnaryAsync(Methods.Put, large), StatusCode.InvalidArgument,
            "etcdserver: request is too large");
        large.Value = ByteString.CopyFrom(new byte[10_000 + CoordinationServiceOptions.RequestOverheadBytes]);
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => server.Channel.UnaryAsync(Methods.Put, large));
        Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode);
        await server.Channel.UnaryAsync(Methods.Put, Put("a"));
    }

    [Fact]
    public async Task Txn_TooManyOperations_IsRefused()
    {
        TestServer server = await ServeAsync();
        TxnRequest txn = new();
        for (int i = 0; i < 129; i++)
        {
            txn.Success.Add(new RequestOp { RequestRange = Get("a") });
        }

        await FailsAsync(server.Channel.UnaryAsync(Methods.Txn, txn), StatusCode.InvalidArgument,
            "etcdserver: too many operations in txn request");
        TxnRequest outer = new() { Success = { new RequestOp { RequestTxn = new TxnRequest() } } };
        for (int i = 0; i < 128; i++)
        {
            outer.Success[0].RequestTxn.Success.Add(new RequestOp { RequestRange = Get("a") });
        }

        await FailsAsync(server.Channel.UnaryAsync(Methods.Txn, outer), StatusCode.InvalidArgument,
            "etcdserver: too many operations in txn request");
    }

    [Fact]
    public async Task Range_SortThatIsNone_IsRefused()
    {
        TestServer server = await ServeAsync();
        RangeRequest request = Get("a");
        request.SortOrder = (RangeRequest.Types.SortOrder)7;
        await FailsAsync(server.Channel.UnaryAsync(Methods.Range, request), StatusCode.InvalidArgument,
            "etcdserver: invalid sort option");
    }

    [Fact]
    public async Task Put_OverTheQuota_RaisesTheAlarmUntilDisarmed()
    {
        TestServer server = await ServeAsync(new() { QuotaBackendBytes = 20_000 });
        PutRequest put = new() { Key = Bytes("a"), Value = ByteString.CopyFrom(new byte[15_000]) };
        await server.Channel.UnaryAsync(Methods.Put, put);
        await FailsAsync(server.Channel.UnaryAsync(Methods.Put, put), StatusCode.ResourceExhausted,
            "etcdserver: mvcc: database space exceeded");

        // Small ones too, on all members, until somebody has made room and said so.
        await FailsAsync(server.Channel.UnaryAsync(Methods.Put, Put("b")), StatusCode.ResourceExhausted,
            "etcdserver: mvcc: database space exceeded");
        await server.Channel.UnaryAsync(Methods.Range, Get("a"));
        await server.Channel.UnaryAsync(Methods.DeleteRange, new() { Key = Bytes("a") });
        await server.Channel.UnaryAsync(Methods.Compact, new() { Revision = 3, Physical = true });
        AlarmResponse alarms = await server.Channel.UnaryAsync(Methods.Alarm, new());
        AlarmMember alarm = Assert.Single(alarms.Alarms);
        Assert.Equal((server.Node.Status.Id.Value, AlarmType.Nospace), (alarm.MemberID, alarm.Alarm));
        await server.Channel.UnaryAsync(Methods.Alarm, new()
        {
            Action = AlarmRequest.Types.AlarmAction.Deactivate,
            Alarm = AlarmType.Nospace,
            MemberID = alarm.MemberID,
        });
        await server.Channel.UnaryAsync(Methods.Put, Put("b"));
    }

    [Fact]
    public async Task Txn_OnlyDeletesOverTheQuota_IsCarriedOut()
    {
        TestServer server = await ServeAsync(new() { QuotaBackendBytes = 20_000 });
        PutRequest put = new() { Key = Bytes("a"), Value = ByteString.CopyFrom(new byte[19_000]) };
        await server.Channel.UnaryAsync(Methods.Put, put);
        await FailsAsync(server.Channel.UnaryAsync(Methods.Put, put), StatusCode.ResourceExhausted,
            "etcdserver: mvcc: database space exceeded");
        TxnRequest delete = new()
        {
            Compare = { new Compare { Key = Bytes(new string('k', 2_000)) } },
            Success = { new RequestOp { RequestDeleteRange = new() { Key = Bytes("a") } } },
            Failure = { new RequestOp { RequestDeleteRange = new() { Key = Bytes("a") } } },
        };
        TxnResponse response = await server.Channel.UnaryAsync(Methods.Txn, delete);
        Assert.Equal(1, Assert.Single(response.Responses).ResponseDeleteRange.Deleted);
        TxnRequest nested = new() { Success = { new RequestOp { RequestTxn = new() } } };
        nested.Success[0].RequestTxn.Failure.Add(new RequestOp { RequestPut = put });
        await FailsAsync(server.Channel.UnaryAsync(Methods.Txn, nested), StatusCode.ResourceExhausted,
            "etcdserver: mvcc: database space exceeded");
    }

    [Fact]
    public async Task Alarm_GetOfOneKind_ListsNoOthers()
    {
        TestServer server = await ServeAsync();
        await server.Channel.UnaryAsync(Methods.Alarm, new()
        {
            Action = AlarmRequest.Types.AlarmAction.Activate, Alarm = AlarmType.Nospace, MemberID = 7,
        });
        Assert.Single((await server.Channel.UnaryAsync(Methods.Alarm, new())).Alarms);
        Assert.Single((await server.Channel.UnaryAsync(Methods.Alarm, new() { Alarm = AlarmType.Nospace })).Alarms);
        Assert.Empty((await server.Channel.UnaryAsync(Methods.Alarm, new() { Alarm = AlarmType.Corrupt })).Alarms);
    }

    [Fact]
    public void ToRpcException_AnyFailure_GivesItAsTheCause()
    {
        ConsensusException told = new(ConsensusFailure.NoLeader, "the leader could not be asked");
        Assert.Same(told, ConsensusFailures.ToRpcException(told).InnerException);
    }

    [Fact]
    public async Task Learner_AnyCall_AnswersLittle()
    {
        TestServer server = await ServeAsync();
        ConsensusStatus status = server.Node.Status;
        server.Node.Status = status with
        {
            Leader = NodeId.None,
            Membership = status.Membership with { Voters = [], Learners = [status.Id] },
        };
        const string Refused = "etcdserver: rpc not supported for learner";
        await FailsAsync(server.Channel.UnaryAsync(Methods.Put, Put("a")), StatusCode.Unavailable, Refused);
        await FailsAsync(server.Channel.UnaryAsync(Methods.Range, Get("a")), StatusCode.Unavailable, Refused);
        await using RpcDuplexCall<WatchRequest, WatchResponse> watch = server.Channel.OpenDuplex(Methods.Watch);
        await FailsAsync(watch.ReadAsync().AsTask(), StatusCode.Unavailable, Refused);
        RangeRequest local = Get("a");
        local.Serializable = true;
        await server.Channel.UnaryAsync(Methods.Range, local);
        StatusResponse answer = await server.Channel.UnaryAsync(Methods.Status, new());
        Assert.True(answer.IsLearner);
        Assert.Equal("etcdserver: no leader", Assert.Single(answer.Errors));
    }

    [Fact]
    public async Task Authentication_NotThere_SaysSo()
    {
        TestServer server = await ServeAsync();
        Assert.False((await server.Channel.UnaryAsync(Methods.AuthStatus, new())).Enabled);
        await FailsAsync(
            server.Channel.UnaryAsync(Methods.Authenticate, new() { Name = "root", Password = "?" }),
            StatusCode.FailedPrecondition, "etcdserver: authentication is not enabled");
    }

    [Theory]
    [InlineData("00 0000 0002 0a05", "13")]
    [InlineData("00 0000 0004 ffff ffff", "13")]
    [InlineData("07 0000 0000", "13")]
    [InlineData("00 0000 0010 0a01 61", "2")]
    [InlineData("00 7fff ffff", "8")]
    [InlineData("", "2")]
    public async Task Put_MalformedFrame_EndsThatCallAlone(string frame, string status)
    {
        TestServer server = await ServeAsync();
        using SocketsHttpHandler handler = new() { UseProxy = false };
        using HttpMessageInvoker http = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(server.Address, "/etcdserverpb.KV/Put"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(
                Convert.FromHexString(frame.Replace(" ", "", StringComparison.Ordinal))),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        using HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None);
        await response.Content.ReadAsByteArrayAsync();
        string actual = response.TrailingHeaders.TryGetValues("grpc-status", out IEnumerable<string>? trailer)
            ? trailer.Single()
            : response.Headers.GetValues("grpc-status").Single();
        Assert.Equal(status, actual);
        await server.Channel.UnaryAsync(Methods.Put, Put("a"));
    }
}
