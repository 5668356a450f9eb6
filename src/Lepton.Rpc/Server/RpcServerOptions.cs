using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lepton.Rpc.Server;

/// <summary>How a server listens and what it allows. Checked once, when the server starts.</summary>
public sealed record RpcServerOptions
{
    /// <summary>
    /// Where to listen; loopback on any free port by default. An address beyond loopback is refused unless
    /// <see cref="Authenticator"/> is set, or <see cref="Tls"/> asks callers for certificates.
    /// </summary>
    public IPEndPoint EndPoint { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Who may call, gRPC and plain HTTP alike; null lets everyone in, on loopback only.</summary>
    public RpcAuthenticator? Authenticator { get; init; }

    /// <summary>The server's certificate and whom it lets in by theirs; null serves without encryption.</summary>
    public RpcServerTlsOptions? Tls { get; init; }

    /// <summary>Run around every gRPC call, the first one outermost.</summary>
    public IReadOnlyList<RpcInterceptor> Interceptors { get; init; } = [];

    /// <summary>The largest message that a caller may send, unpacked, in bytes; 64 MiB by default.</summary>
    public int MessageBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// How many bytes of responses one stream keeps before its writers wait; 256 KiB by default. One message beyond
    /// it is let in.
    /// </summary>
    public int StreamPendingBytesMax { get; init; } = 256 * 1024;

    /// <summary>How many bytes a caller may send on one stream before any were read; 1 MiB by default.</summary>
    public int StreamWindowBytes { get; init; } = 1024 * 1024;

    /// <summary>The same for all streams of a connection together; 16 MiB by default.</summary>
    public int ConnectionWindowBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How many calls one connection may have open; 10,000 by default.</summary>
    public int StreamsPerConnectionMax { get; init; } = 10_000;

    /// <summary>
    /// A connection that is silent this long is asked whether it still lives; 10 s by default, 1 s at least. A failure
    /// detector's deadline must be longer than this and <see cref="KeepAlivePingTimeout"/> together.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the answer to that may take before the connection counts as dead; 5 s by default.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long unary calls and plain HTTP requests may go on after a stop was asked for; 2 s by default. Streams are
    /// ended at once.
    /// </summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether the message of an exception that a handler did not expect goes to the caller. Off by default, since it
    /// may hold what the caller must not see; the type's name always goes.
    /// </summary>
    public bool SendsExceptionMessages { get; init; }

    /// <summary>The clock of deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the server logs; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Throws with all that is wrong at once.</summary>
    internal void Validate()
    {
        List<string> errors = [];
        Require(MessageBytesMax > 0, $"{nameof(MessageBytesMax)} is {MessageBytesMax}; it must be above 0.");
        Require(StreamPendingBytesMax > 0,
            $"{nameof(StreamPendingBytesMax)} is {StreamPendingBytesMax}; it must be above 0.");
        Require(StreamWindowBytes >= 65_535,
            $"{nameof(StreamWindowBytes)} is {StreamWindowBytes}; HTTP/2 allows no less than 65535.");
        Require(ConnectionWindowBytes >= StreamWindowBytes,
            $"{nameof(ConnectionWindowBytes)} is {ConnectionWindowBytes}; it must hold one " +
            $"{nameof(StreamWindowBytes)}.");
        Require(StreamsPerConnectionMax > 0,
            $"{nameof(StreamsPerConnectionMax)} is {StreamsPerConnectionMax}; it must be above 0.");
        Require(KeepAlivePingDelay >= TimeSpan.FromSeconds(1),
            $"{nameof(KeepAlivePingDelay)} is {KeepAlivePingDelay}; it must be 1 s or more.");
        Require(KeepAlivePingTimeout >= TimeSpan.FromSeconds(1),
            $"{nameof(KeepAlivePingTimeout)} is {KeepAlivePingTimeout}; it must be 1 s or more.");
        Require(StopGrace >= TimeSpan.Zero, $"{nameof(StopGrace)} is {StopGrace}; it must not be negative.");
        Require(
            Authenticator is not null || Tls?.ClientRoots is not null || IPAddress.IsLoopback(EndPoint.Address),
            $"{nameof(EndPoint)} {EndPoint} is reachable from other machines and {nameof(Authenticator)} is not set. " +
            "Set one, such as BearerToken.Authenticator(token), let callers in by certificates alone " +
            $"({nameof(Tls)} with {nameof(RpcServerTlsOptions.ClientRoots)}), or listen on 127.0.0.1.");
        errors.AddRange(Tls?.Errors() ?? []);
        if (errors.Count > 0)
        {
            throw new ArgumentException("The server's options are wrong: " + string.Join(' ', errors));
        }

        void Require(bool holds, string error)
        {
            if (!holds)
            {
                errors.Add(error);
            }
        }
    }
}
