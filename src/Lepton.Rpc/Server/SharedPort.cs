using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Lepton.Rpc.Server;

/// <summary>
/// One port for HTTP/1.1 and HTTP/2, with TLS or without. Kestrel can't tell the two apart on a clear-text port, so it
/// is given two endpoints, one for each, and this transport beneath them takes TLS off and reads the first bytes of
/// every connection: HTTP/2 with prior knowledge starts with "PRI " (RFC 9113, section 3.4), which no HTTP/1.1 request
/// does.
/// </summary>
internal sealed class SharedPort(
    IConnectionListenerFactory sockets, IPEndPoint endPoint, RpcServerTlsOptions? tls, TimeProvider timeProvider,
    ILogger logger)
    : IConnectionListenerFactory, IAsyncDisposable
{
    private static readonly TimeSpan FirstBytesTimeout = TimeSpan.FromSeconds(30);
    private readonly SslServerAuthenticationOptions? _tls =
        tls?.ToSslOptions([SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);

    private readonly CancellationTokenSource _closing = new();
    private readonly Channel<ConnectionContext> _http1 = NewQueue();
    private readonly Channel<ConnectionContext> _http2 = NewQueue();
    private IConnectionListener? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>The endpoint to give to Kestrel for HTTP/1.1.</summary>
    public EndPoint Http1EndPoint { get; } = new Branch("HTTP/1.1");

    /// <summary>The endpoint to give to Kestrel for HTTP/2.</summary>
    public EndPoint Http2EndPoint { get; } = new Branch("HTTP/2");

    /// <summary>Where it listens, with the real port; after a bind.</summary>
    public IPEndPoint BoundEndPoint => (IPEndPoint)_listener!.EndPoint;

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (_listener is null)
        {
            _listener = await sockets.BindAsync(endPoint, cancellationToken).ConfigureAwait(false);
            _accepting = AcceptAsync(_listener);
        }

        return new BranchListener(this, endpoint, ReferenceEquals(endpoint, Http1EndPoint) ? _http1 : _http2);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private static Channel<ConnectionContext> NewQueue() =>
        Channel.CreateBounded<ConnectionContext>(new BoundedChannelOptions(512) { SingleReader = true });

    private static bool? StartsHttp2(in ReadOnlySequence<byte> start)
    {
        ReadOnlySpan<byte> preface = "PRI "u8;
        Span<byte> first = stackalloc byte[preface.Length];
        int length = (int)Math.Min(start.Length, preface.Length);
        start.Slice(0, length).CopyTo(first);
        if (!preface.StartsWith(first[..length]))
        {
            return false;
        }

        return length == preface.Length ? true : null;
    }

    private async Task AcceptAsync(IConnectionListener listener)
    {
        while (await listener.AcceptAsync(CancellationToken.None).ConfigureAwait(false) is { } connection)
        {
            _ = RouteAsync(connection);
        }
    }

    private async Task RouteAsync(ConnectionContext connection)
    {
        try
        {
            using CancellationTokenSource timeout = new(FirstBytesTimeout, timeProvider);
            using CancellationTokenSource either =
                CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
            if (_tls is not null)
            {
                connection.Transport = await TlsTransport.AcceptAsync(connection.Transport, _tls, either.Token)
                    .ConfigureAwait(false);
            }

            bool? isHttp2 = await PeekAsync(connection.Transport.Input, either.Token).ConfigureAwait(false);
            if (isHttp2 is { } known)
            {
                if (known)
                {
                    connection.Transport = AuthorityFilter.Before(connection.Transport);
                }

                ChannelWriter<ConnectionContext> queue = (known ? _http2 : _http1).Writer;
                await queue.WriteAsync(connection, either.Token).ConfigureAwait(false);
                return;
            }
        }
        catch (AuthenticationException e)
        {
            // The caller is told by a TLS alert at most, which says little.
            RpcServerLog.HandshakeFailed(logger, $"{connection.RemoteEndPoint}", HandshakeFault.Of(e));
            connection.Abort(new ConnectionAbortedException("The TLS handshake failed.", e));
        }
        catch (Exception e)
        {
            // Whatever it was, it is this connection's alone. Nothing was asked yet, so there is nobody to answer but
            // by TLS itself: the connection is given up below.
            connection.Abort(new ConnectionAbortedException("The connection never said what it wants.", e));
        }

        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<bool?> PeekAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            bool? isHttp2 = StartsHttp2(result.Buffer);
            bool decided = isHttp2 is not null || result.IsCompleted;
            input.AdvanceTo(result.Buffer.Start, decided ? result.Buffer.Start : result.Buffer.End);
            if (decided)
            {
                return result.Buffer.IsEmpty ? null : isHttp2 ?? false;
            }
        }
    }

    private async Task CloseAsync()
    {
        if (_closing.IsCancellationRequested || _listener is null)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _listener.UnbindAsync(CancellationToken.None).ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _http1.Writer.TryComplete();
        _http2.Writer.TryComplete();
        await _listener.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class Branch(string protocol) : EndPoint
    {
        public override string ToString() => protocol;
    }

    private sealed class BranchListener(SharedPort port, EndPoint endPoint, Channel<ConnectionContext> queue)
        : IConnectionListener
    {
        public EndPoint EndPoint => endPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await queue.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (queue.Reader.TryRead(out ConnectionContext? connection))
                {
                    return connection;
                }
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => new(port.CloseAsync());

        public ValueTask DisposeAsync() => new(port.CloseAsync());
    }
}
