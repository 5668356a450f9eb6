using Lepton.Rpc;

namespace Lepton.Coordination.Services;

/// <summary>
/// How calls fail. Codes and texts are those of etcd's v3 API, since clients compare them; what etcd has no text for
/// stands at the end.
/// </summary>
internal static class EtcdStatus
{
    public static readonly RpcStatus EmptyKey = Invalid("key is not provided");
    public static readonly RpcStatus KeyNotFound = Invalid("key not found");
    public static readonly RpcStatus ValueProvided = Invalid("value is provided");
    public static readonly RpcStatus LeaseProvided = Invalid("lease is provided");
    public static readonly RpcStatus TooManyOperations = Invalid("too many operations in txn request");
    public static readonly RpcStatus DuplicateKey = Invalid("duplicate key given in txn request");
    public static readonly RpcStatus InvalidSortOption = Invalid("invalid sort option");
    public static readonly RpcStatus Compacted =
        New(StatusCode.OutOfRange, "mvcc: required revision has been compacted");

    public static readonly RpcStatus FutureRevision =
        New(StatusCode.OutOfRange, "mvcc: required revision is a future revision");

    public static readonly RpcStatus NoSpace = New(StatusCode.ResourceExhausted, "mvcc: database space exceeded");

    public static readonly RpcStatus LeaseNotFound = New(StatusCode.NotFound, "requested lease not found");
    public static readonly RpcStatus LeaseExists = Failed("lease already exists");
    public static readonly RpcStatus LeaseTtlTooLarge = New(StatusCode.OutOfRange, "too large lease TTL");

    public static readonly RpcStatus PeerUrlExists = Failed("Peer URLs already exists");
    public static readonly RpcStatus NotEnoughStartedMembers =
        Failed("re-configuration failed due to not enough started members");

    public static readonly RpcStatus BadMemberUrls = Invalid("given member URLs are invalid");
    public static readonly RpcStatus MemberNotFound = New(StatusCode.NotFound, "member not found");
    public static readonly RpcStatus MemberNotLearner = Failed("can only promote a learner member");
    public static readonly RpcStatus LearnerNotReady =
        Failed("can only promote a learner member which is in sync with leader");

    public static readonly RpcStatus RequestTooLarge = Invalid("request is too large");
    public static readonly RpcStatus TooManyRequests = New(StatusCode.ResourceExhausted, "too many requests");
    public static readonly RpcStatus AuthNotEnabled = Failed("authentication is not enabled");

    public static readonly RpcStatus NoLeader = Away("no leader");
    public static readonly RpcStatus NotLeader = Failed("not leader");
    public static readonly RpcStatus LeaderChanged = Away("leader changed");
    public static readonly RpcStatus Stopped = Away("server stopped");
    public static readonly RpcStatus Timeout = Away("request timed out");
    public static readonly RpcStatus Unhealthy = Away("unhealthy cluster");
    public static readonly RpcStatus Corrupt = New(StatusCode.DataLoss, "corrupt cluster");
    public static readonly RpcStatus NotSupportedForLearner = Away("rpc not supported for learner");
    public static readonly RpcStatus BadLeaderTransferee = Failed("bad leader transferee");
    public static readonly RpcStatus WatchCanceled = New(StatusCode.Cancelled, "watch canceled");

    // What etcd's own lock and election services answer; they give no better code.
    public static readonly RpcStatus SessionExpired = new(StatusCode.Unknown, "mutex: session is expired");
    public static readonly RpcStatus ElectionNotLeader = new(StatusCode.Unknown, "election: not leader");
    public static readonly RpcStatus ElectionNoLeader = new(StatusCode.Unknown, "election: no leader");
    public static readonly RpcStatus LeaderFieldMissing =
        new(StatusCode.Unknown, "\"leader\" field must be provided");

    // What etcd has no words for.
    public static readonly RpcStatus LeaseRequired = Invalid("lease is not provided: a lock or a campaign needs one " +
        "that its caller keeps alive, or it would be lost unnoticed");

    public static readonly RpcStatus MembershipChangePending =
        Away("another change of the membership is not done yet");

    public static readonly RpcStatus MemberDiskFull =
        Away("the disk of the member, or of the leader, is full, and nothing was begun; ask another member");

    public static readonly RpcStatus TooManyWatches =
        New(StatusCode.ResourceExhausted, "too many watches on one stream");

    public static readonly RpcStatus AuthUnsupported = New(StatusCode.Unimplemented,
        "users and roles are not supported; let only holders of client certificates in instead");

    public static readonly RpcStatus SnapshotUnsupported = New(StatusCode.Unimplemented,
        "this server was started without a way to export snapshots");

    public static readonly RpcStatus DowngradeUnsupported = New(StatusCode.Unimplemented,
        "downgrades are not supported");

    /// <summary>The exception that ends a call with a status.</summary>
    public static RpcException Raise(this RpcStatus status) => new(status.Code, status.Detail);

    private static RpcStatus New(StatusCode code, string text) => new(code, "etcdserver: " + text);

    private static RpcStatus Invalid(string text) => New(StatusCode.InvalidArgument, text);

    private static RpcStatus Failed(string text) => New(StatusCode.FailedPrecondition, text);

    private static RpcStatus Away(string text) => New(StatusCode.Unavailable, text);
}
