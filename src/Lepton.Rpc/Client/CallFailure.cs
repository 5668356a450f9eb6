using System.Net;
using System.Net.Security;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Client;

/// <summary>Makes a status, and who failed, of whatever HTTP gives instead of a response.</summary>
internal static class CallFailure
{
    /// <summary>Judges an exception of the HTTP client (gRPC over HTTP/2, "Errors").</summary>
    public static (RpcStatus Status, RpcParty Party) Of(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException protocol)
            {
                return OfHttp2Code(protocol);
            }
        }

        return exception switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } e =>
                (new RpcStatus(StatusCode.Unavailable, $"the host name can't be resolved: {e.Message}"),
                    RpcParty.Network),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } e =>
                (new RpcStatus(StatusCode.Unavailable, $"no connection came about: {e.Message}"), RpcParty.Network),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } e =>
                (new RpcStatus(StatusCode.Unavailable,
                    "no secure connection came about; where the server does not speak TLS, its address begins with " +
                    $"http: {(e.InnerException ?? e).Message}"), RpcParty.Network),
            HttpRequestException
            {
                HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or
                HttpRequestError.VersionNegotiationError,
            } e =>
                (new RpcStatus(StatusCode.Unavailable,
                    "what listens there does not speak HTTP/2, speaks TLS where the address says http, or refuses " +
                    $"this caller's TLS certificate or the lack of one: {e.Message}"), RpcParty.Callee),
            OperationCanceledException { InnerException: TimeoutException } =>
                (new RpcStatus(StatusCode.Unavailable, "no connection came about in time"), RpcParty.Network),
            OperationCanceledException =>
                (new RpcStatus(StatusCode.Unavailable, "the connection was given up"), RpcParty.Network),
            HttpRequestException or IOException =>
                (new RpcStatus(
                    StatusCode.Unavailable,
                    $"the connection broke: {exception.Message}{Cause(exception)}"), RpcParty.Network),
            _ => (new RpcStatus(StatusCode.Internal,
                $"the call failed with {exception.GetType().Name}: {exception.Message}"), RpcParty.Caller),
        };
    }

    /// <summary>
    /// Whether the callee cannot have seen the request: there was no connection to send it on, or it refused the stream
    /// (RFC 9113, §8.7).
    /// </summary>
    public static bool NeverReached(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException { ErrorCode: 0x7 })
            {
                return true;
            }
        }

        return exception switch
        {
            HttpRequestException e => e.HttpRequestError is HttpRequestError.NameResolutionError
                or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
                or HttpRequestError.VersionNegotiationError,

            // The time limit of connections is the only one that the HTTP client has here.
            OperationCanceledException { InnerException: TimeoutException } => true,
            _ => false,
        };
    }

    /// <summary>What a writer learns where its stream broke; the reader gets the real status.</summary>
    public static RpcStatus? OfEndedStream(Exception exception)
    {
        bool ended = exception is OperationCanceledException ||
            exception is HttpProtocolException { ErrorCode: 0 } ||
            exception.InnerException is HttpProtocolException { ErrorCode: 0 };
        return ended
            ? new RpcStatus(StatusCode.Cancelled,
                "the callee has ended the stream and takes no more messages; read the responses to learn how it ended")
            : null;
    }

    // Where TLS refuses a certificate after the handshake, as version 1.3 does, its reason is the innermost.
    private static string Cause(Exception exception) => exception.GetBaseException() switch
    {
        // What .NET makes of a connection that is refused so early that its own handshake has just ended.
        ObjectDisposedException { ObjectName: var name } when name.EndsWith(nameof(SslStream), StringComparison.Ordinal)
            => " (the server ended it after the TLS handshake, as where it wants another certificate of this caller, " +
                "or one at all; its log tells)",
        var cause => cause != exception ? $" ({cause.Message.TrimEnd('.')})" : "",
    };

    /// <summary>The status that a response's headers or trailers state, or what the lack of one means.</summary>
    public static RpcStatus StatusOf(HttpResponseMessage response)
    {
        string? code = Find(response, HeaderNames.Status);
        string detail = MetadataFormat.PercentDecode(Find(response, HeaderNames.Message) ?? "");
        if (code is null)
        {
            return response.StatusCode == HttpStatusCode.OK
                ? new RpcStatus(StatusCode.Unknown, "the response ended without a grpc-status")
                : OfHttpStatus(response.StatusCode);
        }

        return int.TryParse(code, System.Globalization.CultureInfo.InvariantCulture, out int number) &&
            number is >= (int)StatusCode.OK and <= (int)StatusCode.Unauthenticated
                ? new RpcStatus((StatusCode)number, detail)
                : new RpcStatus(StatusCode.Unknown, $"the response has the unknown grpc-status '{code}': {detail}");
    }

    /// <summary>What is wrong with a response before its first message; null where nothing is.</summary>
    public static RpcStatus? OfHeaders(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return StatusOf(response);
        }

        if (response.Headers.NonValidated.Contains(HeaderNames.Status))
        {
            // "Trailers-only": the status is all that comes, and the body's end brings it up.
            return null;
        }

        string? contentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values)
            ? values.ToString()
            : null;
        if (HeaderNames.IsGrpcContentType(contentType))
        {
            return null;
        }

        return new RpcStatus(StatusCode.Unknown,
            $"the response has the content type '{contentType ?? "none"}' where {HeaderNames.ContentType} was " +
            "expected");
    }

    private static string? Find(HttpResponseMessage response, string name)
    {
        if (response.TrailingHeaders.NonValidated.TryGetValues(name, out var trailers))
        {
            return trailers.ToString();
        }

        return response.Headers.NonValidated.TryGetValues(name, out var headers) ? headers.ToString() : null;
    }

    private static RpcStatus OfHttpStatus(HttpStatusCode status)
    {
        StatusCode code = status switch
        {
            HttpStatusCode.BadRequest => StatusCode.Internal,
            HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
            HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
            HttpStatusCode.NotFound => StatusCode.Unimplemented,
            HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or
                HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
            _ => StatusCode.Unknown,
        };
        return new RpcStatus(code, $"HTTP status {(int)status} came instead of a gRPC response");
    }

    private static (RpcStatus Status, RpcParty Party) OfHttp2Code(HttpProtocolException e) => e.ErrorCode switch
    {
        // Protocol error is also what the client reports where its keep-alive ping got no answer; a dead peer is far
        // more common than one that breaks the protocol, and both call for another connection.
        0x1 => (new RpcStatus(StatusCode.Unavailable, $"the connection is dead: {e.Message}"), RpcParty.Network),
        0x7 => (new RpcStatus(StatusCode.Unavailable, "the callee refused the stream"), RpcParty.Callee),
        0x8 => (new RpcStatus(StatusCode.Cancelled, "the callee cancelled the stream"), RpcParty.Callee),
        0xb => (new RpcStatus(StatusCode.ResourceExhausted, "the callee finds this caller too busy"), RpcParty.Callee),
        0xc => (new RpcStatus(StatusCode.PermissionDenied, "the callee finds the connection not safe enough"),
            RpcParty.Callee),
        _ => (new RpcStatus(StatusCode.Internal, $"the callee broke the stream off: {e.Message}"), RpcParty.Callee),
    };
}
