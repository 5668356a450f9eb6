using Lepton.Coordination.Client.Failures;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Client;

public sealed class RetryPolicyTests
{
    [Theory]
    [InlineData(StatusCode.Unavailable, "the connection broke", "RetryElsewhere OutcomeUnknown RetryElsewhere")]
    [InlineData(
        StatusCode.Unavailable, "etcdserver: request timed out", "RetryElsewhere OutcomeUnknown RetryElsewhere")]
    [InlineData(StatusCode.Unavailable, "etcdserver: leader changed", "RetryElsewhere OutcomeUnknown RetryElsewhere")]
    [InlineData(StatusCode.Unavailable, "etcdserver: no leader", "RetryElsewhere RetryElsewhere RetryElsewhere")]
    [InlineData(StatusCode.Unavailable,
        "etcdserver: the disk of the member, or of the leader, is full, and nothing was begun; ask another member",
        "RetryElsewhere RetryElsewhere RetryElsewhere")]
    [InlineData(
        StatusCode.Unavailable, "etcdserver: unhealthy cluster", "RetryElsewhere RetryElsewhere RetryElsewhere")]
    [InlineData(
        StatusCode.Unavailable, "etcdserver: another change of the membership is not done yet",
        "RetryElsewhere RetryElsewhere RetryElsewhere")]
    [InlineData(StatusCode.Unavailable, "etcdserver: rpc not supported for learner",
        "RetryElsewhere RetryElsewhere RetryElsewhere")]
    [InlineData(StatusCode.FailedPrecondition, "etcdserver: rpc not supported for learner",
        "RetryElsewhere RetryElsewhere RetryElsewhere")]
    [InlineData(StatusCode.DeadlineExceeded, "", "RetryElsewhere OutcomeUnknown RetryElsewhere")]
    [InlineData(
        StatusCode.Cancelled, "the callee cancelled the stream", "RetryElsewhere OutcomeUnknown RetryElsewhere")]
    [InlineData(StatusCode.ResourceExhausted, "etcdserver: too many requests",
        "RetryElsewhere RetryElsewhere RetryElsewhere")]
    [InlineData(StatusCode.ResourceExhausted, "etcdserver: mvcc: database space exceeded", "Fail Fail Fail")]
    [InlineData(StatusCode.Internal, "a bug", "Fail OutcomeUnknown Fail")]
    [InlineData(StatusCode.Unknown, "a bug", "Fail OutcomeUnknown Fail")]
    [InlineData(StatusCode.InvalidArgument, "etcdserver: duplicate key given in txn request", "Fail Fail Fail")]
    [InlineData(StatusCode.NotFound, "etcdserver: requested lease not found", "Fail Fail Fail")]
    [InlineData(StatusCode.FailedPrecondition, "", "Fail Fail Fail")]
    [InlineData(StatusCode.OutOfRange, "", "Fail Fail Fail")]
    [InlineData(StatusCode.PermissionDenied, "", "Fail Fail Fail")]
    [InlineData(StatusCode.Unauthenticated, "", "Fail Fail Fail")]
    [InlineData(StatusCode.Unimplemented, "", "Fail Fail Fail")]
    public void Judge_StatusAndDetail_ReadWriteAndRepeatableWrite(StatusCode status, string detail, string verdicts)
    {
        RpcException e = new(status, detail);
        Assert.Equal(verdicts, string.Join(' ', ((CallKind[])[CallKind.Read, CallKind.Write, CallKind.RepeatableWrite])
            .Select(kind => RetryPolicy.Judge(kind, e))));
    }

    [Fact]
    public void Judge_NeverReachedTheServer_EverythingIsSentAgain()
    {
        RpcException e = new(StatusCode.Unavailable, "no connection came about") { NeverReached = true };
        Assert.All(Enum.GetValues<CallKind>(), kind =>
            Assert.Equal(RetryVerdict.RetryElsewhere, RetryPolicy.Judge(kind, e)));
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, true)]
    [InlineData(StatusCode.Internal, true)]
    [InlineData(StatusCode.PermissionDenied, false)]
    [InlineData(StatusCode.Unimplemented, false)]
    public void MayReopen_Status_SaysWhetherAWatchGoesOn(StatusCode status, bool expected) =>
        Assert.Equal(expected, RetryPolicy.MayReopen(new RpcException(status, "x")));
}
