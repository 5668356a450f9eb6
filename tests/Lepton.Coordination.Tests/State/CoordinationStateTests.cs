using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Raft;
using Lepton.Raft.Membership;
using static Lepton.Coordination.Tests.State.Commands;

namespace Lepton.Coordination.Tests.State;

public sealed class CoordinationStateTests
{
    private readonly CoordinationState _state = new();

    [Fact]
    public void Put_PreviousWanted_IsGiven()
    {
        _state.Do(Put("k", "1"));
        var command = Put("k", "2");
        command.Put.PrevKv = true;
        var result = _state.Do(command);
        var response = Assert.IsType<PutResponse>(result.Response);
        Assert.Equal((3, 3), (response.Header.Revision, result.Revision));
        Assert.Equal(("1", 2L), (response.PrevKv.Value.ToStringUtf8(), response.PrevKv.ModRevision));
    }

    [Fact]
    public void Put_KeptValueOrLease_NeedsTheKey()
    {
        _state.Do(Grant(5));
        var keepValue = new Command { Put = new PutRequest { Key = Bytes("k"), IgnoreValue = true, Lease = 5 } };
        var keepLease = new Command
        {
            Put = new PutRequest { Key = Bytes("k"), IgnoreLease = true, Value = Bytes("2") },
        };
        Assert.Equal(CommandFailure.KeyNotFound, _state.Do(keepValue).Failure);
        Assert.Equal(CommandFailure.KeyNotFound, _state.Do(keepLease).Failure);
        Assert.Equal(1, _state.Store.Revision);
        _state.Do(Put("k", "1"));
        _state.Do(keepValue);
        _state.Do(keepLease);
        var pair = Get("k")!;
        Assert.Equal(("2", 5L, 3L), (pair.Value.ToStringUtf8(), pair.Lease, pair.Version));
        Assert.Equal(["k"u8.ToArray()], _state.Leases.KeysOf(5)!);
    }

    [Fact]
    public void Put_OtherLease_MovesTheKey()
    {
        _state.Do(Grant(5));
        _state.Do(Grant(6));
        _state.Do(Put("k", "1", 5));
        _state.Do(Put("k", "2", 6));
        Assert.Empty(_state.Leases.KeysOf(5)!);
        _state.Do(Revoke(5));
        Assert.NotNull(Get("k"));
        Assert.Equal(CommandFailure.LeaseNotFound, _state.Do(Put("k", "3", 5)).Failure);
        _state.Do(Put("k", "4"));
        Assert.Empty(_state.Leases.KeysOf(6)!);
    }

    [Fact]
    public void DeleteRange_Range_TellsHowManyAndWhat()
    {
        _state.Do(Put("a", "1"));
        _state.Do(Put("b", "2"));
        _state.Do(Put("c", "3"));
        var command = Delete("a", "c");
        command.DeleteRange.PrevKv = true;
        var response = Assert.IsType<DeleteRangeResponse>(_state.Do(command).Response);
        Assert.Equal((2, 5), (response.Deleted, response.Header.Revision));
        Assert.Equal(["1", "2"], response.PrevKvs.Select(pair => pair.Value.ToStringUtf8()));
        response = Assert.IsType<DeleteRangeResponse>(_state.Do(command).Response);
        Assert.Equal((0, 5), (response.Deleted, response.Header.Revision));
    }

    [Fact]
    public void Txn_Nested_DecidesBeforeItWritesAndReadsItsWrites()
    {
        var nested = new TxnRequest();
        nested.Compare.Add(new Compare { Key = Bytes("k"), Target = Compare.Types.CompareTarget.Version, Version = 0 });
        nested.Success.Add(PutOp("seen", "absent"));
        nested.Failure.Add(PutOp("seen", "there"));
        var result = _state.Do(Txn(txn =>
        {
            txn.Success.Add(PutOp("k", "1"));
            txn.Success.Add(new RequestOp { RequestTxn = nested });
            txn.Success.Add(RangeOp("k", "\0"));
        }));
        var response = Assert.IsType<TxnResponse>(result.Response);
        Assert.Equal((true, 2, 2), (response.Succeeded, response.Header.Revision, result.Revision));
        var read = response.Responses[2].ResponseRange.Kvs;
        Assert.Equal(["1", "absent"], read.Select(pair => pair.Value.ToStringUtf8()));
        Assert.Equal([0, 1], _state.Store.Range(new RangeQuery(KeyRange.All)).Versions.Select(version => version.Sub));
    }

    [Fact]
    public void Txn_OneOperationImpossible_ChangesNothing()
    {
        var result = _state.Do(Txn(txn =>
        {
            txn.Success.Add(PutOp("k", "1"));
            txn.Success.Add(new RequestOp { RequestPut = PutRequest("l", "1", lease: 9) });
        }));
        Assert.Equal((CommandFailure.LeaseNotFound, 1), (result.Failure, result.Revision));
        result = _state.Do(Txn(txn => txn.Success.AddRange([PutOp("k", "1"), RangeOp("k", revision: 5)])));
        Assert.Equal((CommandFailure.FutureRevision, 1), (result.Failure, result.Revision));
        Assert.Null(Get("k"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Txn_ValueOfAbsentKey_ComparesWithNothing(int how)
    {
        var compare = new Compare
        {
            Key = Bytes("k"),
            Target = Compare.Types.CompareTarget.Value,
            Value = Bytes(""),
            Result = (Compare.Types.CompareResult)how,
        };
        Assert.False(((TxnResponse)_state.Do(Txn(txn => txn.Compare.Add(compare))).Response!).Succeeded);
    }

    [Fact]
    public void Txn_ComparedRange_MustHoldForEachKey()
    {
        _state.Do(Put("a", "1"));
        _state.Do(Put("b", "2"));
        var compare = new Compare
        {
            Key = Bytes("a"),
            RangeEnd = Bytes("c"),
            Target = Compare.Types.CompareTarget.Mod,
            Result = Compare.Types.CompareResult.Less,
            ModRevision = 3,
        };
        Assert.False(((TxnResponse)_state.Do(Txn(txn => txn.Compare.Add(compare))).Response!).Succeeded);
        compare.ModRevision = 4;
        Assert.True(((TxnResponse)_state.Do(Txn(txn => txn.Compare.Add(compare))).Response!).Succeeded);
    }

    [Fact]
    public void Compact_PastAndFuture_AreRefused()
    {
        _state.Do(Put("k", "1"));
        Assert.Equal(CommandFailure.FutureRevision, _state.Do(Compact(3)).Failure);
        Assert.Equal(CommandFailure.None, _state.Do(Compact(2)).Failure);
        Assert.Equal(CommandFailure.Compacted, _state.Do(Compact(2)).Failure);
    }

    [Fact]
    public void Grant_NoId_PicksOneThatFollowsFromTheLog()
    {
        var twin = new CoordinationState();
        var id = ((LeaseGrantResponse)_state.Do(Grant(0)).Response!).ID;
        Assert.True(id > 0);
        Assert.Equal(id, ((LeaseGrantResponse)twin.Do(Grant(0)).Response!).ID);
        Assert.NotEqual(id, ((LeaseGrantResponse)twin.Do(Grant(0)).Response!).ID);
        Assert.Equal(CommandFailure.LeaseExists, _state.Do(Grant(id)).Failure);
        Assert.Equal(CommandFailure.LeaseTtlTooLarge, _state.Do(Grant(1, 9_000_000_001)).Failure);
    }

    [Fact]
    public void Alarm_NoSpace_RefusesWhatGrowsUntilItIsOff()
    {
        _state.Do(Put("k", "1"));
        _state.Do(Alarm(AlarmRequest.Types.AlarmAction.Activate, AlarmType.Nospace, 7));
        Assert.Equal(CommandFailure.NoSpace, _state.Do(Put("l", "1")).Failure);
        Assert.Equal(CommandFailure.NoSpace, _state.Do(Grant(1)).Failure);
        Assert.Equal(CommandFailure.NoSpace, _state.Do(Txn(txn => txn.Failure.Add(PutOp("l", "1")))).Failure);
        Assert.Equal(CommandFailure.None, _state.Do(Txn(txn => txn.Success.Add(DeleteOp("k")))).Failure);
        Assert.Equal(7UL, Assert.Single(_state.Manifest.Alarms).Member);
        _state.Do(Alarm(AlarmRequest.Types.AlarmAction.Deactivate, AlarmType.Nospace, 7));
        Assert.Equal(CommandFailure.None, _state.Do(Put("l", "1")).Failure);
    }

    [Fact]
    public void Alarm_Corrupt_RefusesEverythingButAdministration()
    {
        _state.Do(Alarm(AlarmRequest.Types.AlarmAction.Activate, AlarmType.Corrupt));
        Assert.Equal(CommandFailure.Corrupt, _state.Do(Delete("k")).Failure);
        Assert.Equal(CommandFailure.Corrupt, _state.Do(Compact(1)).Failure);
        var off = _state.Do(Alarm(AlarmRequest.Types.AlarmAction.Deactivate, AlarmType.Corrupt));
        Assert.Equal(CommandFailure.None, off.Failure);
        Assert.Equal(CommandFailure.None, _state.Do(Delete("k")).Failure);
    }

    [Fact]
    public void MembershipCommitted_MemberGone_ForgetsItsAddresses()
    {
        foreach (var id in new ulong[] { 1, 2 })
        {
            var attributes = new MemberAttributes { MemberId = id, ClientUrls = { $"http://{id}" } };
            _state.Do(new Command { MemberAttributes = attributes });
        }

        var left = ClusterMembership.Empty with { Members = [new Raft.Membership.Member(new NodeId(2), "b", [])] };
        _state.MembershipCommitted(_state.Applied.Next, left);
        var (member, urls) = Assert.Single(_state.Manifest.ClientUrls);
        Assert.Equal((2UL, "http://2"), (member, Assert.Single(urls)));
    }

    [Fact]
    public void Reads_Txn_IsOfOneRevision()
    {
        _state.Do(Put("k", "1"));
        var request = new TxnRequest { Success = { RangeOp("k"), RangeOp("k", revision: 1) } };
        Assert.True(Reads.IsReadOnly(request));
        var response = (TxnResponse)Reads.Txn(_state.Store, request).Response!;
        Assert.Equal([1, 0], response.Responses.Select(r => r.ResponseRange.Count));
        Assert.Equal(2, response.Header.Revision);
        var nested = new RequestOp { RequestTxn = new TxnRequest { Success = { PutOp("k", "") } } };
        Assert.False(Reads.IsReadOnly(new TxnRequest { Failure = { nested } }));
    }

    [Fact]
    public void Reads_Range_KeysOnlyHasNoValues()
    {
        _state.Do(Put("k", "1"));
        var request = new RangeRequest { Key = Bytes("k"), KeysOnly = true };
        var response = (RangeResponse)Reads.Range(_state.Store, request).Response!;
        Assert.Empty(Assert.Single(response.Kvs).Value);
        request.Revision = 9;
        Assert.Equal(CommandFailure.FutureRevision, Reads.Range(_state.Store, request).Failure);
    }

    private KeyValue? Get(string key)
    {
        var result = Reads.Range(_state.Store, new RangeRequest { Key = Bytes(key) });
        return ((RangeResponse)result.Response!).Kvs.SingleOrDefault();
    }
}
