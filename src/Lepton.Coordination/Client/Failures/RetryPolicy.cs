using Lepton.Rpc;

namespace Lepton.Coordination.Client.Failures;

/// <summary>
/// Whether a failed call may be made again. The rule: a write goes out a second time only where it is certain that the
/// first one did nothing and never will.
/// </summary>
internal static class RetryPolicy
{
    /// <summary>Judges a failure of a call.</summary>
    public static RetryVerdict Judge(CallKind kind, RpcException e)
    {
        bool mayPass = e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled ||
            (e.StatusCode is StatusCode.Internal or StatusCode.Unknown && e.Party != RpcParty.Caller);
        if (IsOverloaded(e) || IsLearner(e))
        {
            return RetryVerdict.RetryElsewhere;
        }

        if (!mayPass)
        {
            return RetryVerdict.Fail;
        }

        if (CertainlyNotDone(e))
        {
            return RetryVerdict.RetryElsewhere;
        }

        if (kind == CallKind.Write)
        {
            return RetryVerdict.OutcomeUnknown;
        }

        return e.StatusCode is StatusCode.Internal or StatusCode.Unknown
            ? RetryVerdict.Fail
            : RetryVerdict.RetryElsewhere;
    }

    /// <summary>Whether a stream that ended so may be opened again.</summary>
    public static bool MayReopen(RpcException e) =>
        IsOverloaded(e) || IsLearner(e) ||
        e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled
            or StatusCode.Internal or StatusCode.Unknown;

    /// <summary>Whether the server has not begun the call, and never will.</summary>
    public static bool CertainlyNotDone(RpcException e) =>
        e.NeverReached || IsOverloaded(e) || IsLearner(e) ||
        e.Detail is ServerTexts.NoLeader or ServerTexts.Unhealthy or ServerTexts.MembershipChangePending or
            ServerTexts.MemberDiskFull;

    /// <summary>A learner sends its callers to the others; etcd does so with one status or another.</summary>
    private static bool IsLearner(RpcException e) => e.Detail == ServerTexts.NotSupportedForLearner;

    private static bool IsOverloaded(RpcException e) =>
        e.StatusCode == StatusCode.ResourceExhausted && e.Detail == ServerTexts.TooManyRequests;
}
