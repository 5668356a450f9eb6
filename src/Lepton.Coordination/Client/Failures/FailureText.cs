using System.Globalization;
using Lepton.Rpc;

namespace Lepton.Coordination.Client.Failures;

/// <summary>Makes the client's own exceptions of what the protocol gives.</summary>
internal static class FailureText
{
    /// <summary>The exception for a call that failed for good.</summary>
    /// <param name="e">The last failure.</param>
    /// <param name="kind">What repeating it would do.</param>
    /// <param name="what">What was to be done, such as "the put of 'mode'".</param>
    /// <param name="endpoint">The server that failed last.</param>
    /// <param name="attempts">How many times it was tried.</param>
    /// <param name="before">Why the attempt before the last failed, where that is to be told.</param>
    public static CoordinationException Of(
        RpcException e, CallKind kind, string what, string endpoint, int attempts, RpcException? before = null)
    {
        string how = Invariant($"{Who(e.Party, endpoint)} failed with {e.StatusCode}: {e.Detail.TrimEnd('.', ' ')}.");
        string tried = attempts > 1 ? Invariant($" It was tried {attempts} times") : "";
        tried += attempts <= 1 ? ""
            : before is null ? "."
            : Invariant($"; the time before, the answer was {before.StatusCode}: {before.Detail.TrimEnd('.', ' ')}.");
        CoordinationFailure failure = KindOf(e);
        if (kind != CallKind.Read && IsOpen(e, failure))
        {
            return new OutcomeUnknownException(
                e.Party, endpoint,
                $"It is not known whether {what} took effect: {how}{tried} Read to find out; repeat it only where " +
                "doing it twice does no harm.", e);
        }

        string message = $"{Capital(what)} failed: {how}{tried} {NextStep(failure)}";
        return failure == CoordinationFailure.Compacted
            ? new CompactedException(endpoint, Revision.None, message, e)
            : new CoordinationException(failure, e.Party, endpoint, message, e);
    }

    /// <summary>The exception for a watch whose history is gone.</summary>
    public static CompactedException WatchCompacted(
        KeyRange keys, Revision next, Revision compacted, string endpoint) => new(
            endpoint, compacted,
            $"The watch of {keys} can't go on from revision {next}: {endpoint} has compacted its history up to " +
            $"{compacted}. {NextStep(CoordinationFailure.Compacted)}");

    /// <summary>The exception for a watch that the server ended and says why.</summary>
    public static CoordinationException WatchRefused(KeyRange keys, string reason, string endpoint) =>
        new(CoordinationFailure.InvalidRequest, RpcParty.Callee, endpoint,
            $"The watch of {keys} was ended by {endpoint}: {reason}. Correct what it names, then watch again.");

    private static bool IsOpen(RpcException e, CoordinationFailure failure) =>
        failure is CoordinationFailure.Unavailable or CoordinationFailure.DeadlineExceeded or
            CoordinationFailure.ServerFault && !RetryPolicy.CertainlyNotDone(e);

    private static CoordinationFailure KindOf(RpcException e) => (e.StatusCode, e.Detail) switch
    {
        (_, ServerTexts.Compacted) => CoordinationFailure.Compacted,
        (_, ServerTexts.FutureRevision) => CoordinationFailure.FutureRevision,
        (_, ServerTexts.NoSpace) => CoordinationFailure.NoSpace,
        (_, ServerTexts.LeaseNotFound) => CoordinationFailure.LeaseNotFound,
        (_, ServerTexts.LeaseExists) => CoordinationFailure.LeaseExists,
        (_, ServerTexts.RequestTooLarge) => CoordinationFailure.TooLarge,
        (_, ServerTexts.TooManyRequests) => CoordinationFailure.Overloaded,
        (StatusCode.Unavailable or StatusCode.Cancelled, _) => CoordinationFailure.Unavailable,
        (StatusCode.DeadlineExceeded, _) => CoordinationFailure.DeadlineExceeded,
        (StatusCode.ResourceExhausted, _) => CoordinationFailure.TooLarge,
        (StatusCode.InvalidArgument, _) => CoordinationFailure.InvalidRequest,
        (StatusCode.Unauthenticated or StatusCode.PermissionDenied, _) => CoordinationFailure.Denied,
        (StatusCode.Unimplemented, _) => CoordinationFailure.Unsupported,
        (StatusCode.Internal or StatusCode.Unknown or StatusCode.DataLoss, _) => CoordinationFailure.ServerFault,
        _ => CoordinationFailure.Refused,
    };

    private static string NextStep(CoordinationFailure failure) => failure switch
    {
        CoordinationFailure.Unavailable => "Check that the servers run and that the endpoints are theirs.",
        CoordinationFailure.DeadlineExceeded => "Raise the timeout, or find out what holds the servers up.",
        CoordinationFailure.Compacted => "Read the present state, and watch on from its revision.",
        CoordinationFailure.FutureRevision => "Ask for a revision that the store has reached.",
        CoordinationFailure.LeaseNotFound => "Grant a new lease; what was tied to the old one is gone.",
        CoordinationFailure.LeaseExists => "Grant it with another id, or let the server pick one.",
        CoordinationFailure.NoSpace =>
            "Make room on the members' disks. Where the alarm NOSPACE is on, it is the quota: delete keys and " +
            "compact, or raise it; then disarm the alarm.",
        CoordinationFailure.TooLarge => "Send less at once, read in pages, or raise the limit.",
        CoordinationFailure.Overloaded => "Wait, and ask for less at the same time.",
        CoordinationFailure.Denied => "Give the client the certificate or token that the server asks for.",
        CoordinationFailure.Unsupported => "Check that an etcd v3 server listens there, and its version.",
        CoordinationFailure.ServerFault => "The server's log has more.",
        _ => "Correct what the server names.",
    };

    private static string Who(RpcParty party, string endpoint) => party switch
    {
        RpcParty.Caller => $"this client, calling {endpoint},",
        RpcParty.Callee => $"the server {endpoint}",
        _ => $"the network to {endpoint}",
    };

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
