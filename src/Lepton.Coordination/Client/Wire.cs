using Google.Protobuf;
using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client;

/// <summary>The client's types to and from the protocol's messages.</summary>
internal static class Wire
{
    public static readonly RangeOptions RangeDefaults = new();
    public static readonly PutOptions PutDefaults = new();
    public static readonly DeleteOptions DeleteDefaults = new();

    public static ByteString ToWire(Bytes bytes) => UnsafeByteOperations.UnsafeWrap(bytes.Memory);

    public static Bytes FromWire(ByteString bytes) => new(bytes.Memory);

    public static Pb.RangeRequest ToRequest(KeyRange keys, RangeOptions options) => new()
    {
        Key = ToWire(keys.Start),
        RangeEnd = ToWire(keys.End),
        Limit = options.Limit,
        Revision = options.AtRevision.Value,
        SortOrder = ToWireOrder(options),
        SortTarget = options.OrderBy switch
        {
            RangeOrder.Version => Pb.RangeRequest.Types.SortTarget.Version,
            RangeOrder.CreateRevision => Pb.RangeRequest.Types.SortTarget.Create,
            RangeOrder.ModRevision => Pb.RangeRequest.Types.SortTarget.Mod,
            RangeOrder.Value => Pb.RangeRequest.Types.SortTarget.Value,
            _ => Pb.RangeRequest.Types.SortTarget.Key,
        },
        Serializable = options.Serializable,
        KeysOnly = options.KeysOnly,
        CountOnly = options.CountOnly,
        MinModRevision = options.ModRevisionMin.Value,
        MaxModRevision = options.ModRevisionMax.Value,
        MinCreateRevision = options.CreateRevisionMin.Value,
        MaxCreateRevision = options.CreateRevisionMax.Value,
    };

    public static Pb.PutRequest ToRequest(Bytes key, Bytes value, PutOptions options) => new()
    {
        Key = ToWire(key),
        Value = ToWire(value),
        Lease = options.Lease.Value,
        PrevKv = options.WithPrevious,
        IgnoreValue = options.KeepValue,
        IgnoreLease = options.KeepLease,
    };

    public static Pb.DeleteRangeRequest ToRequest(KeyRange keys, DeleteOptions options) => new()
    {
        Key = ToWire(keys.Start),
        RangeEnd = ToWire(keys.End),
        PrevKv = options.WithPrevious,
    };

    public static Pb.WatchRequest ToRequest(KeyRange keys, Revision start, WatchOptions options)
    {
        Pb.WatchCreateRequest create = new()
        {
            Key = ToWire(keys.Start),
            RangeEnd = ToWire(keys.End),
            StartRevision = start.Value,
            ProgressNotify = true,
            PrevKv = options.WithPrevious,
            Fragment = true,
        };
        if (options.WithoutPuts)
        {
            create.Filters.Add(Pb.WatchCreateRequest.Types.FilterType.Noput);
        }

        if (options.WithoutDeletes)
        {
            create.Filters.Add(Pb.WatchCreateRequest.Types.FilterType.Nodelete);
        }

        return new Pb.WatchRequest { CreateRequest = create };
    }

    public static KeyValue FromWire(Pb.KeyValue kv) => new(
        FromWire(kv.Key), FromWire(kv.Value), new Revision(kv.CreateRevision), new Revision(kv.ModRevision),
        kv.Version, new LeaseId(kv.Lease));

    public static WatchEvent FromWire(Pb.Event change) => new(
        change.Type == Pb.Event.Types.EventType.Put ? WatchEventKind.Put : WatchEventKind.Delete,
        FromWire(change.Kv), change.PrevKv is { } previous ? FromWire(previous) : null);

    public static RangeResult FromWire(Pb.RangeResponse response, Revision revision) => new(
        revision, [.. response.Kvs.Select(FromWire)], response.Count, response.More);

    public static PutResult FromWire(Pb.PutResponse response, Revision revision) =>
        new(revision, response.PrevKv is { } previous ? FromWire(previous) : null);

    public static DeleteResult FromWire(Pb.DeleteRangeResponse response, Revision revision) =>
        new(revision, response.Deleted, [.. response.PrevKvs.Select(FromWire)]);

    /// <param name="response">A transaction's answer.</param>
    /// <param name="revision">Of the outermost transaction: answers within one need not have a header.</param>
    public static TxnResult FromWire(Pb.TxnResponse response, Revision revision) => new(
        response.Succeeded, revision, [.. response.Responses.Select(outcome => FromWire(outcome, revision))]);

    public static Revision RevisionOf(Pb.ResponseHeader? header) => new(header?.Revision ?? 0);

    public static ClusterMember FromWire(Pb.Member member) => new(
        new MemberId(member.ID), member.Name, [.. member.PeerURLs], [.. member.ClientURLs], member.IsLearner);

    public static EndpointStatus FromWire(Pb.StatusResponse status, string endpoint) => new(
        endpoint, new MemberId(status.Header?.MemberId ?? 0), new MemberId(status.Leader), status.Version,
        RevisionOf(status.Header), status.DbSize, (long)status.RaftTerm, (long)status.RaftIndex,
        (long)status.RaftAppliedIndex, status.IsLearner, [.. status.Errors]);

    private static TxnOutcome FromWire(Pb.ResponseOp outcome, Revision revision) => new(outcome.ResponseCase switch
    {
        Pb.ResponseOp.ResponseOneofCase.ResponseRange => FromWire(outcome.ResponseRange, revision),
        Pb.ResponseOp.ResponseOneofCase.ResponsePut => FromWire(outcome.ResponsePut, revision),
        Pb.ResponseOp.ResponseOneofCase.ResponseDeleteRange => FromWire(outcome.ResponseDeleteRange, revision),
        _ => FromWire(outcome.ResponseTxn, revision),
    });

    private static Pb.RangeRequest.Types.SortOrder ToWireOrder(RangeOptions options) => options switch
    {
        { Descending: true } => Pb.RangeRequest.Types.SortOrder.Descend,
        { OrderBy: RangeOrder.Key } => Pb.RangeRequest.Types.SortOrder.None,
        _ => Pb.RangeRequest.Types.SortOrder.Ascend,
    };
}
