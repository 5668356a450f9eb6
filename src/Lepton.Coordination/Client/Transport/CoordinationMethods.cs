using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Rpc;

namespace Lepton.Coordination.Client.Transport;

/// <summary>The methods of etcd's v3 services that the client calls.</summary>
internal static class CoordinationMethods
{
    private const string Kv = "etcdserverpb.KV";
    private const string LeaseService = "etcdserverpb.Lease";
    private const string Cluster = "etcdserverpb.Cluster";
    private const string Maintenance = "etcdserverpb.Maintenance";

    public static readonly RpcMethod<RangeRequest, RangeResponse> Range =
        Of(Kv, "Range", RangeRequest.Parser, RangeResponse.Parser);

    public static readonly RpcMethod<PutRequest, PutResponse> Put =
        Of(Kv, "Put", PutRequest.Parser, PutResponse.Parser);

    public static readonly RpcMethod<DeleteRangeRequest, DeleteRangeResponse> DeleteRange =
        Of(Kv, "DeleteRange", DeleteRangeRequest.Parser, DeleteRangeResponse.Parser);

    public static readonly RpcMethod<TxnRequest, TxnResponse> Txn =
        Of(Kv, "Txn", TxnRequest.Parser, TxnResponse.Parser);

    public static readonly RpcMethod<CompactionRequest, CompactionResponse> Compact =
        Of(Kv, "Compact", CompactionRequest.Parser, CompactionResponse.Parser);

    public static readonly RpcMethod<WatchRequest, WatchResponse> Watch =
        Of("etcdserverpb.Watch", "Watch", WatchRequest.Parser, WatchResponse.Parser);

    public static readonly RpcMethod<LeaseGrantRequest, LeaseGrantResponse> LeaseGrant =
        Of(LeaseService, "LeaseGrant", LeaseGrantRequest.Parser, LeaseGrantResponse.Parser);

    public static readonly RpcMethod<LeaseRevokeRequest, LeaseRevokeResponse> LeaseRevoke =
        Of(LeaseService, "LeaseRevoke", LeaseRevokeRequest.Parser, LeaseRevokeResponse.Parser);

    public static readonly RpcMethod<LeaseKeepAliveRequest, LeaseKeepAliveResponse> LeaseKeepAlive =
        Of(LeaseService, "LeaseKeepAlive", LeaseKeepAliveRequest.Parser, LeaseKeepAliveResponse.Parser);

    public static readonly RpcMethod<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse> LeaseTimeToLive =
        Of(LeaseService, "LeaseTimeToLive", LeaseTimeToLiveRequest.Parser, LeaseTimeToLiveResponse.Parser);

    public static readonly RpcMethod<LeaseLeasesRequest, LeaseLeasesResponse> LeaseLeases =
        Of(LeaseService, "LeaseLeases", LeaseLeasesRequest.Parser, LeaseLeasesResponse.Parser);

    public static readonly RpcMethod<MemberListRequest, MemberListResponse> MemberList =
        Of(Cluster, "MemberList", MemberListRequest.Parser, MemberListResponse.Parser);

    public static readonly RpcMethod<MemberAddRequest, MemberAddResponse> MemberAdd =
        Of(Cluster, "MemberAdd", MemberAddRequest.Parser, MemberAddResponse.Parser);

    public static readonly RpcMethod<MemberPromoteRequest, MemberPromoteResponse> MemberPromote =
        Of(Cluster, "MemberPromote", MemberPromoteRequest.Parser, MemberPromoteResponse.Parser);

    public static readonly RpcMethod<MemberRemoveRequest, MemberRemoveResponse> MemberRemove =
        Of(Cluster, "MemberRemove", MemberRemoveRequest.Parser, MemberRemoveResponse.Parser);

    public static readonly RpcMethod<StatusRequest, StatusResponse> Status =
        Of(Maintenance, "Status", StatusRequest.Parser, StatusResponse.Parser);

    public static readonly RpcMethod<SnapshotRequest, SnapshotResponse> Snapshot =
        Of(Maintenance, "Snapshot", SnapshotRequest.Parser, SnapshotResponse.Parser);

    private static RpcMethod<TRequest, TResponse> Of<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(service, name, request, response);
}
