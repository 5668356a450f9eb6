using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Raft;

namespace Lepton.Coordination.Tests.State;

/// <summary>Makes commands and applies them, as a log of one entry after the other.</summary>
internal static class Commands
{
    public static readonly Term Term = new(1);

    public static ByteString Bytes(string text) => ByteString.CopyFrom(System.Text.Encoding.Latin1.GetBytes(text));

    public static PutRequest PutRequest(string key, string value, long lease = 0) =>
        new() { Key = Bytes(key), Value = Bytes(value), Lease = lease };

    public static Command Put(string key, string value, long lease = 0) =>
        new() { Put = PutRequest(key, value, lease) };

    public static Command Delete(string key, string end = "") =>
        new() { DeleteRange = new DeleteRangeRequest { Key = Bytes(key), RangeEnd = Bytes(end) } };

    public static Command Compact(long revision) =>
        new() { Compaction = new CompactionRequest { Revision = revision } };

    public static Command Grant(long id, long ttl = 10) =>
        new() { LeaseGrant = new LeaseGrantRequest { ID = id, TTL = ttl } };

    public static Command Revoke(long id) => new() { LeaseRevoke = new LeaseRevokeRequest { ID = id } };

    public static Command Expire(long term, params long[] ids) =>
        new() { LeaseExpire = new LeaseExpire { Term = (ulong)term, Ids = { ids } } };

    public static Command Alarm(AlarmRequest.Types.AlarmAction action, AlarmType alarm, ulong member = 1) =>
        new() { Alarm = new AlarmRequest { Action = action, Alarm = alarm, MemberID = member } };

    public static Command Txn(Action<TxnRequest> fill)
    {
        var request = new TxnRequest();
        fill(request);
        return new Command { Txn = request };
    }

    public static RequestOp PutOp(string key, string value) => new() { RequestPut = PutRequest(key, value) };

    public static RequestOp RangeOp(string key, string end = "", long revision = 0) =>
        new() { RequestRange = new RangeRequest { Key = Bytes(key), RangeEnd = Bytes(end), Revision = revision } };

    public static RequestOp DeleteOp(string key, string end = "") =>
        new() { RequestDeleteRange = Delete(key, end).DeleteRange };

    public static CommandResult Do(this CoordinationState state, Command command, Term? term = null)
    {
        var result = (CommandResult)state.Apply(state.Applied.Next, term ?? Term, command.ToByteArray())!;
        return result;
    }

    public static void EndBatch(this CoordinationState state) => state.BatchApplied(state.Applied);

    public static byte[] Snapshot(this CoordinationState state)
    {
        using var snapshot = state.CaptureSnapshot();
        using var data = new MemoryStream();
        snapshot.WriteTo(data, CancellationToken.None);
        return data.ToArray();
    }

    public static SnapshotMeta Meta(this CoordinationState state) =>
        SnapshotMeta.None with { Index = state.Applied, Term = Term };

    public static void RestoreFrom(this CoordinationState state, CoordinationState other) =>
        state.Restore(other.Meta(), new MemoryStream(other.Snapshot()));
}
