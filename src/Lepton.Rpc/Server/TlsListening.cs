using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Lepton.Rpc.Server;

/// <summary>TLS for a port of a Kestrel without a host, whose own TLS needs services of the host's.</summary>
public static class TlsListening
{
    private static readonly TimeSpan s_handshakeTimeMax = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Has a port speak HTTP/1.1 over TLS alone. A connection whose handshake fails is logged and given up; the others
    /// are served.
    /// </summary>
    /// <param name="listen">The port.</param>
    /// <param name="tls">The server's certificate, and whom it lets in by theirs.</param>
    /// <param name="timeProvider">The clock of the handshake's deadline.</param>
    /// <param name="logger">Where failures are told.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message lists all that is.</exception>
    public static void UseHttp1OverTls(
        this ListenOptions listen, RpcServerTlsOptions tls, TimeProvider timeProvider, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(listen);
        ArgumentNullException.ThrowIfNull(tls);
        if (tls.Errors().ToList() is { Count: > 0 } errors)
        {
            throw new ArgumentException("The server's certificates are wrong: " + string.Join(' ', errors));
        }

        SslServerAuthenticationOptions options = tls.ToSslOptions([SslApplicationProtocol.Http11]);
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => ServeAsync(connection, next, options, timeProvider, logger));
    }

    private static async Task ServeAsync(
        ConnectionContext connection, ConnectionDelegate next, SslServerAuthenticationOptions options,
        TimeProvider timeProvider, ILogger logger)
    {
        IDuplexPipe encrypted = connection.Transport;
        IDuplexPipe clear;
        try
        {
            using CancellationTokenSource timeout = new(s_handshakeTimeMax, timeProvider);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
                timeout.Token, connection.ConnectionClosed);
            clear = await TlsTransport.AcceptAsync(encrypted, options, either.Token).ConfigureAwait(false);
        }
        catch (AuthenticationException e)
        {
            // The caller is told by a TLS alert at most, which says little.
            RpcServerLog.HandshakeFailed(logger, $"{connection.RemoteEndPoint}", HandshakeFault.Of(e));
            connection.Abort(new ConnectionAbortedException("The TLS handshake failed.", e));
            return;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException("The connection ended in its TLS handshake.", e));
            return;
        }

        connection.Transport = clear;
        connection.Features.Set<ITlsConnectionFeature>(new IsTls());
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            await clear.Output.CompleteAsync().ConfigureAwait(false);
            await clear.Input.CompleteAsync().ConfigureAwait(false);
            connection.Transport = encrypted;
        }
    }

    /// <summary>By which Kestrel knows that the caller said "https". Who has called, nobody asks.</summary>
    private sealed class IsTls : ITlsConnectionFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
            Task.FromResult(ClientCertificate);
    }
}
