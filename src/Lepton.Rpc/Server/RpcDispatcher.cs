using Google.Protobuf;
using Lepton.Rpc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lepton.Rpc.Server;

/// <summary>Takes each request to its handler and makes a status of however the handler ends.</summary>
internal sealed class RpcDispatcher(RpcServices services, RpcServerOptions options) : IDisposable
{
    private readonly ILogger _logger = options.LoggerFactory.CreateLogger(RpcServer.LogName);
    private readonly CancellationTokenSource _streamsEnd = new();
    private readonly CancellationTokenSource _unaryEnd = new();

    /// <summary>Ends all streams, and refuses new ones.</summary>
    public Task EndStreamsAsync() => _streamsEnd.CancelAsync();

    /// <summary>Ends all other calls.</summary>
    public Task EndUnaryCallsAsync() => _unaryEnd.CancelAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        _streamsEnd.Dispose();
        _unaryEnd.Dispose();
    }

    /// <summary>Serves one request.</summary>
    public async Task DispatchAsync(HttpContext context)
    {
        string? contentType = context.Request.ContentType;
        bool claimsGrpc = contentType?.StartsWith(HeaderNames.ContentType, StringComparison.OrdinalIgnoreCase) == true;
        RpcStatus admission = options.Authenticator is { } authenticate
            ? await AuthenticateAsync(authenticate, context).ConfigureAwait(false)
            : RpcStatus.OK;
        if (!claimsGrpc)
        {
            await DispatchHttpAsync(context, admission).ConfigureAwait(false);
        }
        else if (!HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            await RefuseAsync(context, StatusCodes.Status426UpgradeRequired,
                "gRPC needs HTTP/2; this request came by HTTP/1.1. Use a gRPC client, with prior knowledge of HTTP/2.")
                .ConfigureAwait(false);
        }
        else if (!HeaderNames.IsGrpcContentType(contentType))
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType,
                $"The content type '{contentType}' is not served. Send 'application/grpc' with Protobuf messages.")
                .ConfigureAwait(false);
        }
        else if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "gRPC calls are POST requests.")
                .ConfigureAwait(false);
        }
        else
        {
            await DispatchCallAsync(context, admission).ConfigureAwait(false);
        }
    }

    private static Task RefuseAsync(HttpContext context, int httpStatus, string message)
    {
        context.Response.StatusCode = httpStatus;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message + "\n", CancellationToken.None);
    }

    private static RpcStatus CheckRequest(IHeaderDictionary headers, out TimeSpan? timeout)
    {
        timeout = null;
        string? timeoutText = headers[HeaderNames.Timeout];
        if (timeoutText is not null)
        {
            if (!TimeoutFormat.TryParse(timeoutText, out TimeSpan parsed))
            {
                return new RpcStatus(StatusCode.Internal,
                    $"the header grpc-timeout is '{timeoutText}'; one to eight digits and one of H, M, S, m, u, n " +
                    "were expected");
            }

            timeout = parsed;
        }

        string? encoding = headers[HeaderNames.Encoding];
        return encoding is null or HeaderNames.Identity or HeaderNames.Gzip
            ? RpcStatus.OK
            : new RpcStatus(StatusCode.Unimplemented,
                $"messages are compressed by '{encoding}'; this server knows {HeaderNames.EncodingsUnderstood}");
    }

    private async ValueTask<RpcStatus> AuthenticateAsync(RpcAuthenticator authenticate, HttpContext context)
    {
        try
        {
            return await authenticate(context).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            return new RpcStatus(e.StatusCode, e.Detail);
        }
        catch (Exception e)
        {
            // An authenticator that fails lets nobody in.
            RpcServerLog.AuthenticatorFailed(_logger, e, context.Request.Path);
            return new RpcStatus(StatusCode.Unauthenticated, "the server could not check who calls");
        }
    }

    private async Task DispatchHttpAsync(HttpContext context, RpcStatus admission)
    {
        if (!admission.IsOK)
        {
            bool known = admission.Code == StatusCode.PermissionDenied;
            context.Response.Headers.WWWAuthenticate = known ? default : "Bearer";
            int httpStatus = known ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized;
            await RefuseAsync(context, httpStatus, $"Refused: {admission.Detail}.").ConfigureAwait(false);
            return;
        }

        HttpRoute? route = services.FindRoute(context.Request, out bool pathKnown);
        if (route is null)
        {
            await RefuseAsync(
                context, pathKnown ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound,
                $"{context.Request.Method} {context.Request.Path} is not served here.").ConfigureAwait(false);
            return;
        }

        try
        {
            await route.Handler(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            RpcServerLog.CallerGone(_logger, context.Request.Path);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            RpcServerLog.HandlerFailed(_logger, e, context.Request.Path);
            context.Response.Clear();
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, Unexpected(route.Pattern, e).Detail)
                .ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Half a body was sent: only a broken connection tells the caller that it is not whole.
            RpcServerLog.HandlerFailed(_logger, e, context.Request.Path);
            context.Abort();
        }
    }

    private async Task DispatchCallAsync(HttpContext context, RpcStatus admission)
    {
        string path = context.Request.Path.Value ?? "";
        context.Response.Headers[HeaderNames.AcceptEncoding] = HeaderNames.EncodingsUnderstood;
        ResponseSink sink = new(context, options.StreamPendingBytesMax);
        TimeSpan? timeout = null;
        RpcRoute? route = null;
        if (admission.IsOK)
        {
            route = services.FindMethod(path);
            admission = route is null ? services.Unknown(path) : CheckRequest(context.Request.Headers, out timeout);
        }

        if (!admission.IsOK)
        {
            await sink.EndAsync(admission, null).ConfigureAwait(false);
            return;
        }

        CancellationToken stop = route!.IsStreaming ? _streamsEnd.Token : _unaryEnd.Token;
        using CallLifetime lifetime = new(timeout, options.TimeProvider, context.RequestAborted, stop);
        RpcServerCall call = new(context, lifetime, sink);
        try
        {
            await RunAsync(new CallContext(context, call, lifetime, sink, options.MessageBytesMax), route)
                .ConfigureAwait(false);
        }
        finally
        {
            call.End();
        }
    }

    private async Task RunAsync(CallContext context, RpcRoute route)
    {
        Task<IMessage?> handler = HandleAsync(context, route);
        if (!handler.IsCompleted)
        {
            await Task.WhenAny(handler, context.Lifetime.Ended).ConfigureAwait(false);
        }

        if (!handler.IsCompleted || !await TryEndAsync(context, handler).ConfigureAwait(false))
        {
            await CutOffAsync(context).ConfigureAwait(false);
        }

        // Kestrel uses the request's objects again once this method is done, so a handler that ignores its token is
        // waited for; its caller has the status already.
        await ((Task)handler).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<IMessage?> HandleAsync(CallContext context, RpcRoute route)
    {
        if (options.Interceptors.Count == 0)
        {
            return await route.Handle(context).ConfigureAwait(false);
        }

        IMessage? response = null;
        Func<Task> run = async () => response = await route.Handle(context).ConfigureAwait(false);
        for (int i = options.Interceptors.Count - 1; i >= 0; i--)
        {
            RpcInterceptor interceptor = options.Interceptors[i];
            Func<Task> next = run;
            run = () => interceptor(context.Call, next);
        }

        await run().ConfigureAwait(false);
        return response;
    }

    /// <summary>Ends a call as its handler ended; false where something else cuts the call off.</summary>
    private async Task<bool> TryEndAsync(CallContext context, Task<IMessage?> handler)
    {
        if (context.Lifetime.Reason != CallLifetime.EndReason.None)
        {
            return false;
        }

        ResponseSink sink = context.Sink;
        if (handler.IsCompletedSuccessfully && await handler.ConfigureAwait(false) is { } response)
        {
            await sink.EndUnaryAsync(response).ConfigureAwait(false);
            return true;
        }

        // Also before a failure: the caller gets what was written until then.
        Task drained = sink.DrainAsync();
        if (!drained.IsCompleted)
        {
            await Task.WhenAny(drained, context.Lifetime.Ended).ConfigureAwait(false);
        }

        if (!drained.IsCompletedSuccessfully)
        {
            return false;
        }

        (RpcStatus status, RpcMetadata? trailers) = Judge(context, handler);
        await sink.EndAsync(status, trailers).ConfigureAwait(false);
        return true;
    }

    /// <summary>Ends a call that its caller, the deadline or the server's stop has overtaken.</summary>
    private async Task CutOffAsync(CallContext context)
    {
        if (context.Lifetime.Reason is CallLifetime.EndReason.Deadline or CallLifetime.EndReason.ServerStops)
        {
            await context.Sink.EndAsync(context.Lifetime.Status, null).ConfigureAwait(false);
            return;
        }

        RpcServerLog.CallerGone(_logger, context.Call.MethodPath);
        await context.Sink.AbandonAsync().ConfigureAwait(false);
    }

    private (RpcStatus Status, RpcMetadata? Trailers) Judge(CallContext context, Task handler)
    {
        string path = context.Call.MethodPath;
        switch (handler.Exception?.InnerException)
        {
            case RpcException e:
                return (new RpcStatus(e.StatusCode, e.Detail), e.Trailers);
            case { } e:
                RpcServerLog.HandlerFailed(_logger, e, path);
                return (Unexpected(path, e), null);
            default:
                return handler.IsCanceled
                    ? (new RpcStatus(StatusCode.Cancelled, $"the handler of {path} cancelled the call"), null)
                    : (RpcStatus.OK, context.Sink.TrailersIfAny);
        }
    }

    private RpcStatus Unexpected(string path, Exception e) => new(StatusCode.Unknown,
        $"the handler of {path} failed with {e.GetType().Name}" +
        (options.SendsExceptionMessages ? $": {e.Message}" : ", which it did not expect"));
}
