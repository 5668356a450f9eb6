using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Services;

/// <summary>The methods that tests call.</summary>
internal static class Methods
{
    public static readonly RpcMethod<RangeRequest, RangeResponse> Range =
        new("etcdserverpb.KV", "Range", RangeRequest.Parser, RangeResponse.Parser);

    public static readonly RpcMethod<PutRequest, PutResponse> Put =
        new("etcdserverpb.KV", "Put", PutRequest.Parser, PutResponse.Parser);

    public static readonly RpcMethod<DeleteRangeRequest, DeleteRangeResponse> DeleteRange =
        new("etcdserverpb.KV", "DeleteRange", DeleteRangeRequest.Parser, DeleteRangeResponse.Parser);

    public static readonly RpcMethod<TxnRequest, TxnResponse> Txn =
        new("etcdserverpb.KV", "Txn", TxnRequest.Parser, TxnResponse.Parser);

    public static readonly RpcMethod<CompactionRequest, CompactionResponse> Compact =
        new("etcdserverpb.KV", "Compact", CompactionRequest.Parser, CompactionResponse.Parser);

    public static readonly RpcMethod<WatchRequest, WatchResponse> Watch =
        new("etcdserverpb.Watch", "Watch", WatchRequest.Parser, WatchResponse.Parser);

    public static readonly RpcMethod<LeaseGrantRequest, LeaseGrantResponse> LeaseGrant =
        new("etcdserverpb.Lease", "LeaseGrant", LeaseGrantRequest.Parser, LeaseGrantResponse.Parser);

    public static readonly RpcMethod<LeaseRevokeRequest, LeaseRevokeResponse> LeaseRevoke =
        new("etcdserverpb.Lease", "LeaseRevoke", LeaseRevokeRequest.Parser, LeaseRevokeResponse.Parser);

    public static readonly RpcMethod<LeaseKeepAliveRequest, LeaseKeepAliveResponse> LeaseKeepAlive =
        new("etcdserverpb.Lease", "LeaseKeepAlive", LeaseKeepAliveRequest.Parser, LeaseKeepAliveResponse.Parser);

    public static readonly RpcMethod<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse> LeaseTimeToLive =
        new("etcdserverpb.Lease", "LeaseTimeToLive", LeaseTimeToLiveRequest.Parser, LeaseTimeToLiveResponse.Parser);

    public static readonly RpcMethod<LeaseLeasesRequest, LeaseLeasesResponse> LeaseLeases =
        new("etcdserverpb.Lease", "LeaseLeases", LeaseLeasesRequest.Parser, LeaseLeasesResponse.Parser);

    public static readonly RpcMethod<MemberAddRequest, MemberAddResponse> MemberAdd =
        new("etcdserverpb.Cluster", "MemberAdd", MemberAddRequest.Parser, MemberAddResponse.Parser);

    public static readonly RpcMethod<MemberRemoveRequest, MemberRemoveResponse> MemberRemove =
        new("etcdserverpb.Cluster", "MemberRemove", MemberRemoveRequest.Parser, MemberRemoveResponse.Parser);

    public static readonly RpcMethod<MemberUpdateRequest, MemberUpdateResponse> MemberUpdate =
        new("etcdserverpb.Cluster", "MemberUpdate", MemberUpdateRequest.Parser, MemberUpdateResponse.Parser);

    public static readonly RpcMethod<MemberListRequest, MemberListResponse> MemberList =
        new("etcdserverpb.Cluster", "MemberList", MemberListRequest.Parser, MemberListResponse.Parser);

    public static readonly RpcMethod<MemberPromoteRequest, MemberPromoteResponse> MemberPromote =
        new("etcdserverpb.Cluster", "MemberPromote", MemberPromoteRequest.Parser, MemberPromoteResponse.Parser);

    public static readonly RpcMethod<AlarmRequest, AlarmResponse> Alarm =
        new("etcdserverpb.Maintenance", "Alarm", AlarmRequest.Parser, AlarmResponse.Parser);

    public static readonly RpcMethod<StatusRequest, StatusResponse> Status =
        new("etcdserverpb.Maintenance", "Status", StatusRequest.Parser, StatusResponse.Parser);

    public static readonly RpcMethod<HashKVRequest, HashKVResponse> HashKeys =
        new("etcdserverpb.Maintenance", "HashKV", HashKVRequest.Parser, HashKVResponse.Parser);

    public static readonly RpcMethod<MoveLeaderRequest, MoveLeaderResponse> MoveLeader =
        new("etcdserverpb.Maintenance", "MoveLeader", MoveLeaderRequest.Parser, MoveLeaderResponse.Parser);

    public static readonly RpcMethod<SnapshotRequest, SnapshotResponse> Snapshot =
        new("etcdserverpb.Maintenance", "Snapshot", SnapshotRequest.Parser, SnapshotResponse.Parser);

    public static readonly RpcMethod<AuthStatusRequest, AuthStatusResponse> AuthStatus =
        new("etcdserverpb.Auth", "AuthStatus", AuthStatusRequest.Parser, AuthStatusResponse.Parser);

    public static readonly RpcMethod<AuthenticateRequest, AuthenticateResponse> Authenticate =
        new("etcdserverpb.Auth", "Authenticate", AuthenticateRequest.Parser, AuthenticateResponse.Parser);

    public static readonly RpcMethod<LockRequest, LockResponse> Lock =
        new("v3lockpb.Lock", "Lock", LockRequest.Parser, LockResponse.Parser);

    public static readonly RpcMethod<UnlockRequest, UnlockResponse> Unlock =
        new("v3lockpb.Lock", "Unlock", UnlockRequest.Parser, UnlockResponse.Parser);

    public static readonly RpcMethod<CampaignRequest, CampaignResponse> Campaign =
        new("v3electionpb.Election", "Campaign", CampaignRequest.Parser, CampaignResponse.Parser);

    public static readonly RpcMethod<ProclaimRequest, ProclaimResponse> Proclaim =
        new("v3electionpb.Election", "Proclaim", ProclaimRequest.Parser, ProclaimResponse.Parser);

    public static readonly RpcMethod<LeaderRequest, LeaderResponse> Leader =
        new("v3electionpb.Election", "Leader", LeaderRequest.Parser, LeaderResponse.Parser);

    public static readonly RpcMethod<LeaderRequest, LeaderResponse> Observe =
        new("v3electionpb.Election", "Observe", LeaderRequest.Parser, LeaderResponse.Parser);

    public static readonly RpcMethod<ResignRequest, ResignResponse> Resign =
        new("v3electionpb.Election", "Resign", ResignRequest.Parser, ResignResponse.Parser);

    public static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);
}
