using System.Net;
using Lepton.Rpc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Lepton.Rpc.Server;

/// <summary>One call as its handler sees it, until that ends. For its own flow; only the token may be shared.</summary>
public sealed class RpcServerCall
{
    private readonly HttpContext _context;
    private readonly CallLifetime _lifetime;
    private readonly ResponseSink _sink;
    private RpcMetadata? _requestMetadata;

    internal RpcServerCall(HttpContext context, CallLifetime lifetime, ResponseSink sink) =>
        (_context, _lifetime, _sink) = (context, lifetime, sink);

    /// <summary>The method called: <c>/service/name</c>.</summary>
    public string MethodPath => _context.Request.Path.Value!;

    /// <summary>The address by which the caller knows this server.</summary>
    public string Authority => _context.Request.Host.Value ?? "";

    /// <summary>Where the caller sits; null where the transport has no addresses.</summary>
    public IPEndPoint? Peer => _context.Connection.RemoteIpAddress is { } address
        ? new IPEndPoint(address, _context.Connection.RemotePort)
        : null;

    /// <summary>What the caller sent beside its messages. Made when it is first asked for.</summary>
    public RpcMetadata RequestMetadata => _requestMetadata ??= ReadMetadata(_context.Request.Headers);

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
        _context.Request.Headers.TryGetValue(key, out StringValues values) && values.Count > 0 ? values[^1] : null;

    /// <summary>Sends <see cref="ResponseHeaders"/> now; for streams whose first message may be late.</summary>
    public Task SendHeadersAsync() => _sink.SendHeadersAsync();

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
