using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Lepton.Rpc.Server;

/// <summary>
/// Serves gRPC calls over HTTP/2 and plain HTTP requests over HTTP/1.1 or HTTP/2, all at one port, with TLS or without
/// (gRPC, "gRPC over HTTP2"). Bulk bytes go fastest over HTTP/1.1. Thread safe.
/// </summary>
public sealed class RpcServer : IAsyncDisposable
{
    /// <summary>What it and its parts log under.</summary>
    internal const string LogName = "Lepton.Rpc.Server";

    // Time for the calls that the end of the grace ended to tell their callers so, before connections are cut.
    private static readonly TimeSpan CutDelay = TimeSpan.FromSeconds(1);
    private const string AnyServer = "The server";

    // Four times Kestrel's own: bulk bytes gain, and a slow reader still costs little.
    private const int ResponseBufferBytes = 256 * 1024;
    private readonly KestrelServer _kestrel;
    private readonly SharedPort _port;
    private readonly RpcDispatcher _dispatcher;
    private readonly RpcServerOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Task? _stopping;

    private RpcServer(KestrelServer kestrel, SharedPort port, RpcDispatcher dispatcher, RpcServerOptions options)
    {
        _kestrel = kestrel;
        _port = port;
        _dispatcher = dispatcher;
        _options = options;
        _logger = options.LoggerFactory.CreateLogger(LogName);
        Address = new Uri($"{(options.Tls is null ? "http" : "https")}://{port.BoundEndPoint}");
    }

    /// <summary>Where the server listens, with the real port.</summary>
    public Uri Address { get; }

    /// <summary>Starts to serve. The services can't be changed afterwards.</summary>
    /// <exception cref="ArgumentException">Options are wrong; the message lists all that are.</exception>
    /// <exception cref="RpcBindException">The address can't be listened at, such as a port in use.</exception>
    public static async Task<RpcServer> StartAsync(
        RpcServices services, RpcServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        options ??= new RpcServerOptions();
        options.Validate();
        services.Freeze();

        // Kestrel alone, without the generic host around it: that takes half the time to start (50 ms for 100 ms) and
        // nothing here needs the host's services.
        SocketTransportFactory sockets = new(Options.Create(new SocketTransportOptions()), options.LoggerFactory);
        SharedPort port = new(
            sockets, options.EndPoint, options.Tls, options.TimeProvider,
            options.LoggerFactory.CreateLogger(LogName));
        KestrelServer kestrel = new(Options.Create(KestrelOptions(options, port)), port, options.LoggerFactory);
        RpcDispatcher dispatcher = new(services, options);
        try
        {
            await kestrel.StartAsync(new PooledApplication(dispatcher.DispatchAsync), cancellationToken)
                .ConfigureAwait(false);
            RpcServer server = new(kestrel, port, dispatcher, options);
            RpcServerLog.Started(server._logger, server.Address);
            return server;
        }
        catch (Exception e)
        {
            kestrel.Dispose();
            dispatcher.Dispose();
            await port.DisposeAsync().ConfigureAwait(false);
            if (BindFailure(options.EndPoint, e) is { } failure)
            {
                throw failure;
            }

            throw;
        }
    }

    /// <summary>
    /// Ends all streams with <see cref="StatusCode.Unavailable"/>, gives unary calls and plain HTTP requests
    /// <see cref="RpcServerOptions.StopGrace"/> to end by themselves, then cuts what is left. Safe to call again.
    /// </summary>
    /// <param name="cancellationToken">Cuts what is left at once.</param>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return _stopping ??= StopOnceAsync(cancellationToken);
        }
    }

    /// <summary>Stops the server, as <see cref="StopAsync"/> does.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    /// <summary>
    /// Sees whether an address could be listened at, for who must know before it does what can't be undone. Another may
    /// take it the moment after.
    /// </summary>
    /// <param name="endPoint">The address.</param>
    /// <param name="server">Who would listen, as the message's subject.</param>
    /// <exception cref="RpcBindException">It can't.</exception>
    public static void CheckFree(IPEndPoint endPoint, string server = AnyServer)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        try
        {
            using Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(endPoint);
            socket.Listen();
        }
        catch (SocketException e)
        {
            throw BindFailure(endPoint, e, server)!;
        }
    }

    private static KestrelServerOptions KestrelOptions(RpcServerOptions options, SharedPort port)
    {
        // TLS ends below Kestrel, which therefore takes every connection for a clear one; callers say "https" all the
        // same.
        KestrelServerOptions kestrel = new() { AddServerHeader = false, AllowAlternateSchemes =
            options.Tls is not null };
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxResponseBufferSize = ResponseBufferBytes;
        limits.Http2.InitialStreamWindowSize = options.StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = options.ConnectionWindowBytes;
        limits.Http2.MaxStreamsPerConnection = options.StreamsPerConnectionMax;
        limits.Http2.KeepAlivePingDelay = options.KeepAlivePingDelay;
        limits.Http2.KeepAlivePingTimeout = options.KeepAlivePingTimeout;
        kestrel.Listen(port.Http2EndPoint, static listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.Listen(port.Http1EndPoint, static listen => listen.Protocols = HttpProtocols.Http1);
        return kestrel;
    }

    private static RpcBindException? BindFailure(IPEndPoint endPoint, Exception e, string server = AnyServer)
    {
        SocketError? error = null;
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            error = inner switch
            {
                AddressInUseException => SocketError.AddressAlreadyInUse,
                SocketException socket => socket.SocketErrorCode,
                _ => error,
            };
        }

        string? advice = error switch
        {
            null => null,
            SocketError.AddressAlreadyInUse =>
                "The port is in use. Stop the program that holds it, pick another port, or 0 for any free one.",
            SocketError.AccessDenied =>
                "This user may not listen there. Pick a port above 1023, or 0 for any free one.",
            SocketError.AddressNotAvailable =>
                "This machine has no such address. Pick one of its own, such as 127.0.0.1.",
            _ => $"The system said: {error}. Check the address, or pick another one.",
        };
        return advice is null
            ? null
            : new RpcBindException(endPoint, $"{server} can't listen at {endPoint}. {advice}", e);
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        await _dispatcher.EndStreamsAsync().ConfigureAwait(false);
        using CancellationTokenSource grace = new(_options.StopGrace, _options.TimeProvider);
        using CancellationTokenSource cut = new(_options.StopGrace + CutDelay, _options.TimeProvider);
        await using CancellationTokenRegistration impatient = cancellationToken.Register(
            () => _ = Task.WhenAll(grace.CancelAsync(), cut.CancelAsync()));
        await using CancellationTokenRegistration graceOver = grace.Token.Register(
            () => _ = _dispatcher.EndUnaryCallsAsync());
        await _kestrel.StopAsync(cut.Token).ConfigureAwait(false);

        _kestrel.Dispose();
        await _port.DisposeAsync().ConfigureAwait(false);
        _dispatcher.Dispose();
        RpcServerLog.Stopped(_logger, Address);
    }
}
