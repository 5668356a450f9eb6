namespace Lepton.Rpc;

/// <summary>
/// A call that failed. A handler throws it to end its call with a status; a caller gets it with who failed
/// (<see cref="Party"/>), and a message that names the method, the address and what to do next.
/// </summary>
public sealed class RpcException : Exception
{
    /// <summary>Ends a call with a status; for handlers, interceptors and authenticators.</summary>
    /// <param name="statusCode">Any code but <see cref="StatusCode.OK"/>.</param>
    /// <param name="detail">What was wrong and what was expected; travels to the caller.</param>
    /// <param name="inner">What caused it; stays in this process.</param>
    public RpcException(StatusCode statusCode, string detail, Exception? inner = null)
        : this(statusCode, detail, RpcParty.Callee, $"{statusCode}: {detail}", inner)
    {
    }

    private RpcException(StatusCode statusCode, string detail, RpcParty party, string message, Exception? inner)
        : base(message, inner)
    {
        if (statusCode == StatusCode.OK)
        {
            throw new ArgumentException(
                "OK is not a failure. Return a response instead of throwing, or pick a code that says what failed.",
                nameof(statusCode));
        }

        StatusCode = statusCode;
        Detail = detail;
        Party = party;
    }

    /// <summary>How the call ended; never <see cref="StatusCode.OK"/>.</summary>
    public StatusCode StatusCode { get; }

    /// <summary>The failure in words, as the failing party gave them.</summary>
    public string Detail { get; }

    /// <summary>Who failed; the callee, unless it is said otherwise.</summary>
    public RpcParty Party { get; init; }

    /// <summary>
    /// Whether the callee certainly did nothing: no connection came about, or it refused the stream before it looked at
    /// it. Then even a call that must not be made twice may be made again. False means only that it is not known.
    /// </summary>
    public bool NeverReached { get; init; }

    /// <summary>
    /// The metadata that ended the call. On the caller's side: what the callee sent. A handler may fill it before it
    /// throws.
    /// </summary>
    public RpcMetadata Trailers { get; init; } = [];

    internal static RpcException ForCall(
        RpcStatus status, RpcParty party, string methodPath, Uri address, Exception? inner = null,
        RpcMetadata? trailers = null, bool neverReached = false)
    {
        string who = party switch
        {
            RpcParty.Caller => "The caller failed",
            RpcParty.Callee => "The callee failed",
            _ => "The network between caller and callee failed",
        };
        string address0 = address.GetLeftPart(UriPartial.Authority);
        string message = $"Call of {methodPath} at {address0} ended with {status.Code}. {who}: " +
            $"{status.Detail.TrimEnd('.', ' ')}. {NextStep(status.Code, party)}";
        return new RpcException(status.Code, status.Detail, party, message, inner)
        {
            Trailers = trailers ?? [],
            NeverReached = neverReached,
        };
    }

    private static string NextStep(StatusCode code, RpcParty party) => (code, party) switch
    {
        (StatusCode.DeadlineExceeded, _) => "Raise the call's timeout, or find out what holds the callee up.",
        (StatusCode.Unavailable, RpcParty.Network) =>
            "Check that the callee runs and listens at this address, then call again.",
        (StatusCode.Unavailable, _) => "Wait and call again, or call another server.",
        (StatusCode.Unauthenticated, _) => "Pass the token that the callee was started with.",
        (StatusCode.PermissionDenied, _) => "Ask for the right to make this call.",
        (StatusCode.Unimplemented, _) =>
            "Check the address and the versions of both sides: the callee must know this method.",
        (StatusCode.ResourceExhausted, RpcParty.Caller) => "Split the message, or raise the caller's limit.",
        (StatusCode.ResourceExhausted, _) => "Send less, or raise the callee's limit.",
        (StatusCode.Internal or StatusCode.Unknown or StatusCode.DataLoss, _) =>
            "The callee's log has more; calling again is unlikely to help.",
        (StatusCode.Aborted, _) => "Read the state again, then retry.",
        (StatusCode.Cancelled, _) => "Call again if the result is still wanted.",
        _ => "Correct what the detail names, then call again.",
    };
}
