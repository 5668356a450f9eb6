using System.Net;
using Lepton.Rpc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Lepton.Rpc.Server;

/// <summary>One call as its handler sees it. For the handler's own flow; only the token may be shared.</summary>
public sealed class RpcServerCall
{
    private readonly CallLifetime _lifetime;
    private readonly ResponseSink _sink;
    private readonly IPAddress? _peerAddress;
    private readonly int _peerPort;
    private IHeaderDictionary? _headers;
    private RpcMetadata? _requestMetadata;

    internal RpcServerCall(HttpContext context, CallLifetime lifetime, ResponseSink sink)
    {
        _lifetime = lifetime;
        _sink = sink;
        _headers = context.Request.Headers;
        _peerAddress = context.Connection.RemoteIpAddress;
        _peerPort = context.Connection.RemotePort;
        MethodPath = context.Request.Path.Value!;
        Authority = context.Request.Host.Value ?? "";
    }

    /// <summary>The method called: <c>/service/name</c>.</summary>
    public string MethodPath { get; }

    /// <summary>The address by which the caller knows this server.</summary>
    public string Authority { get; }

    /// <summary>Where the caller sits; null where the transport has no addresses.</summary>
    public IPEndPoint? Peer => _peerAddress is null ? null : new IPEndPoint(_peerAddress, _peerPort);

    /// <summary>
    /// What the caller sent beside its messages. Made when it is first asked for, which has to be before the handler
    /// ends.
    /// </summary>
    /// <exception cref="InvalidOperationException">The handler has ended.</exception>
    public RpcMetadata RequestMetadata => _requestMetadata ??= ReadMetadata(Headers);

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

    /// <summary>
    /// The last text that the caller sent under a key of <see cref="RequestMetadata"/>, or null; far cheaper where
    /// nothing else of it is wanted.
    /// </summary>
    public string? FindRequestText(string key) =>
        Headers.TryGetValue(key, out StringValues values) && values.Count > 0 ? values[^1] : null;

    /// <summary>Sends <see cref="ResponseHeaders"/> now; for streams whose first message may be late.</summary>
    public Task SendHeadersAsync() => _sink.SendHeadersAsync();

    // The headers' object serves another request afterwards.
    private IHeaderDictionary Headers => _headers ?? throw new InvalidOperationException(
        $"The call of {MethodPath} has ended; ask for its metadata before its handler ends.");

    internal void End() => _headers = null;

    private static RpcMetadata ReadMetadata(IHeaderDictionary headers)
    {
        RpcMetadata metadata = [];
        foreach ((string key, StringValues values) in headers)
        {
            foreach (string? value in values)
            {
                MetadataFormat.AddReceived(metadata, key, value ?? "");
            }
        }

        return metadata;
    }
}
