using System.Net;
using Microsoft.AspNetCore.Http;

namespace Lepton.Rpc.Server;

/// <summary>One call as its handler sees it. For the handler's own flow; only the token may be shared.</summary>
public sealed class RpcServerCall
{
    private readonly CallLifetime _lifetime;
    private readonly ResponseSink _sink;

    internal RpcServerCall(HttpContext context, RpcMetadata requestMetadata, CallLifetime lifetime, ResponseSink sink)
    {
        _lifetime = lifetime;
        _sink = sink;
        MethodPath = context.Request.Path.Value!;
        Authority = context.Request.Host.Value ?? "";
        RequestMetadata = requestMetadata;
        Peer = context.Connection.RemoteIpAddress is { } address
            ? new IPEndPoint(address, context.Connection.RemotePort)
            : null;
    }

    /// <summary>The method called: <c>/service/name</c>.</summary>
    public string MethodPath { get; }

    /// <summary>The address by which the caller knows this server.</summary>
    public string Authority { get; }

    /// <summary>Where the caller sits; null where the transport has no addresses.</summary>
    public IPEndPoint? Peer { get; }

    /// <summary>What the caller sent beside its messages.</summary>
    public RpcMetadata RequestMetadata { get; }

    /// <summary>
    /// Travels before the first response. Fill it before the first message or <see cref="SendHeadersAsync"/>.
    /// </summary>
    public RpcMetadata ResponseHeaders => _sink.Headers;

    /// <summary>Travels with the status, after the last response. Fill it before the handler ends.</summary>
    public RpcMetadata ResponseTrailers => _sink.Trailers;

    /// <summary>When the caller stops waiting; null where it set no deadline.</summary>
    public DateTimeOffset? Deadline => _lifetime.Deadline;

    /// <summary>
    /// Cancelled when nobody wants the result any more: the caller cancelled or vanished, the deadline passed, or the
    /// server stops. The caller has its status by then; the handler only has to end.
    /// </summary>
    public CancellationToken CancellationToken => _lifetime.Token;

    /// <summary>Sends <see cref="ResponseHeaders"/> now; for streams whose first message may be late.</summary>
    public Task SendHeadersAsync() => _sink.SendHeadersAsync();
}
