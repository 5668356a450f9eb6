namespace Lepton.Coordination.Client.Failures;

/// <summary>The details of etcd's errors that mean more than their status says. They are part of its
/// protocol.</summary>
internal static class ServerTexts
{
    public const string NoLeader = "etcdserver: no leader";
    public const string Unhealthy = "etcdserver: unhealthy cluster";
    public const string MembershipChangePending = "etcdserver: another change of the membership is not done yet";
    public const string MemberDiskFull =
        "etcdserver: the disk of the member, or of the leader, is full, and nothing was begun; ask another member";

    public const string NotSupportedForLearner = "etcdserver: rpc not supported for learner";
    public const string TooManyRequests = "etcdserver: too many requests";
    public const string Compacted = "etcdserver: mvcc: required revision has been compacted";
    public const string FutureRevision = "etcdserver: mvcc: required revision is a future revision";
    public const string NoSpace = "etcdserver: mvcc: database space exceeded";
    public const string LeaseNotFound = "etcdserver: requested lease not found";
    public const string LeaseExists = "etcdserver: lease already exists";
    public const string RequestTooLarge = "etcdserver: request is too large";
}
