using System.Net;
using System.Text;
using Lepton.Rpc.Server;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Lepton.Storage.S3;

/// <summary>Kestrel alone, over HTTP/1.1 with TLS or without, with the limits of a store: large bodies, slow clients,
/// bounded buffers.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    private const string LogName = "Lepton.Storage.S3";
    private const long ResponseBufferBytes = 256 * 1024;
    private const long RequestBufferBytes = 256 * 1024;
    private static readonly TimeSpan s_stopGrace = TimeSpan.FromSeconds(5);
    private readonly KestrelServer _kestrel;

    private S3Server(KestrelServer kestrel, Uri address) => (_kestrel, Address) = (kestrel, address);

    /// <summary>Where it listens, with the real port.</summary>
    public Uri Address { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="dispatcher">Answers requests.</param>
    /// <param name="endPoint">Where to listen.</param>
    /// <param name="tls">The server's certificate; null serves without encryption.</param>
    /// <param name="timeProvider">The clock of TLS handshakes.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The address can't be listened at, such as a port in use.</exception>
    public static async Task<S3Server> StartAsync(
        S3Dispatcher dispatcher, IPEndPoint endPoint, RpcServerTlsOptions? tls, TimeProvider timeProvider,
        ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MaxRequestBufferSize = RequestBufferBytes;
        options.Limits.MaxResponseBufferSize = ResponseBufferBytes;
        options.Limits.MinRequestBodyDataRate = new MinDataRate(100, TimeSpan.FromMinutes(1));
        options.Limits.MinResponseDataRate = new MinDataRate(100, TimeSpan.FromMinutes(1));
        // Metadata and names of files come as UTF-8 and go so; by default an answer with them would fail.
        options.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
        options.Listen(endPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (tls is not null)
            {
                listen.UseHttp1OverTls(tls, timeProvider, loggers.CreateLogger(LogName));
            }
        });
        SocketTransportFactory sockets = new(Options.Create(new SocketTransportOptions()), loggers);
        KestrelServer kestrel = new(Options.Create(options), sockets, loggers);
        try
        {
            await kestrel.StartAsync(new PooledApplication(dispatcher.DispatchAsync), cancellationToken)
                .ConfigureAwait(false);
            string bound = kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();

            // TLS ends below Kestrel, which takes the port for a clear one.
            return new S3Server(kestrel, tls is null ? new Uri(bound) : new UriBuilder(bound) { Scheme = "https" }.Uri);
        }
        catch
        {
            kestrel.Dispose();
            throw;
        }
    }

    /// <summary>Gives requests a few seconds to end, then cuts them.</summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource cut = new(s_stopGrace);
        await _kestrel.StopAsync(cut.Token).ConfigureAwait(false);
        _kestrel.Dispose();
    }
}
