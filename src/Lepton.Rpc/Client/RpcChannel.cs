using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Client;

/// <summary>
/// The way to one server: gRPC calls over HTTP/2, and plain HTTP requests for bulk bytes. Connections come about with
/// the first call and are shared. Keep one channel per server; thread safe.
/// </summary>
public sealed class RpcChannel : IDisposable
{
    private const int UnaryReadBufferBytes = 4096;
    private const int StreamReadBufferBytes = 32 * 1024;
    private readonly HttpMessageInvoker _http;
    private readonly ConcurrentDictionary<string, Uri> _uris = new(StringComparer.Ordinal);
    private readonly string? _authorization;
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Makes a channel; nothing is sent yet.</summary>
    /// <param name="address">Scheme, host and port, such as <c>http://127.0.0.1:7411</c>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The address or options are wrong; the message lists all.</exception>
    public RpcChannel(Uri address, RpcChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.AbsolutePath != "/")
        {
            throw new ArgumentException(
                $"'{address}' is no address of a server. Write scheme, host and port, like http://127.0.0.1:7411.",
                nameof(address));
        }

        Options = options ?? new RpcChannelOptions();
        Options.Validate();
        if (Options.Tls is not null && address.Scheme != "https")
        {
            throw new ArgumentException(
                $"There are certificates for '{address}', which is not encrypted. Write https://, or leave out " +
                $"{nameof(RpcChannelOptions.Tls)}.", nameof(options));
        }

        Address = address;
        _authorization = Options.BearerToken is { } token ? HeaderNames.BearerPrefix + token : null;
        SocketsHttpHandler handler = new()
        {
            ConnectTimeout = Options.ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = Options.StreamWindowBytes,
            KeepAlivePingDelay = Options.KeepAlivePingDelay,
            KeepAlivePingTimeout = Options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        };
        if (Options.Tls is { } tls)
        {
            handler.SslOptions = tls.ToSslOptions();
        }

        _http = new HttpMessageInvoker(handler);
    }

    /// <summary>The server's address.</summary>
    public Uri Address { get; }

    internal RpcChannelOptions Options { get; }

    /// <summary>Sends one request and waits for one response.</summary>
    /// <exception cref="RpcException">The call failed; it says who failed and how.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, RpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(request);
        using ClientCall<TResponse> call = new(
            this, method.Path, method.ResponseParser, options, Options.UnaryTimeout, cancellationToken);
        await call.StartAsync(new UnaryContent(request), UnaryReadBufferBytes).ConfigureAwait(false);
        TResponse? response = await call.ReadAsync(call.Token).ConfigureAwait(false);
        if (response is null)
        {
            throw call.Failure(new RpcStatus(StatusCode.Unimplemented,
                "the callee ended with OK but sent no response where exactly one was expected"), RpcParty.Callee);
        }

        if (await call.ReadAsync(call.Token).ConfigureAwait(false) is not null)
        {
            throw call.Failure(new RpcStatus(StatusCode.Unimplemented,
                "the callee sent a second response where exactly one was expected"), RpcParty.Callee);
        }

        return response;
    }

    /// <summary>Sends one request and gives the responses as they come. Each enumeration is a new call.</summary>
    /// <inheritdoc cref="UnaryAsync"/>
    public async IAsyncEnumerable<TResponse> ServerStreaming<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, RpcCallOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(request);
        using ClientCall<TResponse> call = new(
            this, method.Path, method.ResponseParser, options, null, cancellationToken);
        await call.StartAsync(new UnaryContent(request), StreamReadBufferBytes).ConfigureAwait(false);
        while (await call.ReadAsync(call.Token).ConfigureAwait(false) is { } response)
        {
            yield return response;
        }
    }

    /// <summary>
    /// Sends requests as they come and waits for the one response. Where the callee answers before the last request,
    /// the rest is not sent. An exception of <paramref name="requests"/> cancels the call and comes out as it is.
    /// </summary>
    /// <inheritdoc cref="UnaryAsync"/>
    public async Task<TResponse> ClientStreamingAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, IAsyncEnumerable<TRequest> requests, RpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(requests);
        RpcDuplexCall<TRequest, TResponse> call = OpenDuplex(method, options, cancellationToken);
        await using (call.ConfigureAwait(false))
        {
            using CancellationTokenSource sourceEnd =
                CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task sending = SendAllAsync(call, requests, sourceEnd.Token);
            Task<TResponse?> reading = call.ReadAsync(CancellationToken.None).AsTask();
            await Task.WhenAny(sending, reading).ConfigureAwait(false);
            if (sending.IsFaulted && !cancellationToken.IsCancellationRequested)
            {
                await sending.ConfigureAwait(false);
            }

            TResponse? response;
            try
            {
                response = await reading.ConfigureAwait(false);
                if (response is not null)
                {
                    await call.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                }
            }
            finally
            {
                await sourceEnd.CancelAsync().ConfigureAwait(false);
                await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return response ?? throw RpcException.ForCall(
                new RpcStatus(StatusCode.Unimplemented, "the callee ended with OK but sent no response"),
                RpcParty.Callee, method.Path, Address);
        }
    }

    /// <summary>
    /// Opens a stream in both directions and returns at once; what goes wrong on the way comes out of the first write
    /// or read, and of <see cref="RpcDuplexCall{TRequest, TResponse}.Opened"/>.
    /// </summary>
    /// <param name="method">The method to call.</param>
    /// <param name="options">The call's own timeout and metadata.</param>
    /// <param name="cancellationToken">Cancels the call as a whole.</param>
    public RpcDuplexCall<TRequest, TResponse> OpenDuplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, RpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(method);
        ClientCall<TResponse> call = new(
            this, method.Path, method.ResponseParser, options, null, cancellationToken);
        return new RpcDuplexCall<TRequest, TResponse>(call, Options.StreamPendingBytesMax);
    }

    /// <summary>
    /// Sends a plain HTTP/1.1 request, the fast way for bulk bytes, with the channel's token. The response is handed
    /// over once its headers are there; its body is streamed. The caller disposes it.
    /// </summary>
    /// <param name="request">Its address may be relative to the channel's.</param>
    /// <param name="cancellationToken">Cancels the request up to the response's headers.</param>
    /// <exception cref="HttpRequestException">No connection, or it broke.</exception>
    /// <exception cref="ArgumentException">The request is for another server.</exception>
    public Task<HttpResponseMessage> SendHttpAsync(
        HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Uri target = new(Address, request.RequestUri ?? new Uri("/", UriKind.Relative));
        if (target.Authority != Address.Authority || target.Scheme != Address.Scheme)
        {
            throw new ArgumentException(
                $"The request is for {target.GetLeftPart(UriPartial.Authority)}, but this channel leads to {Address} " +
                "and its token is for that server alone. Give a path, or make a channel to the other server.",
                nameof(request));
        }

        request.RequestUri = target;
        return SendAsync(request, HttpVersion.Version11, cancellationToken);
    }

    /// <summary>Cancels the calls still open and closes all connections.</summary>
    public void Dispose()
    {
        // The source itself is not disposed: calls that end later still look at its token.
        _closing.Cancel();
        _http.Dispose();
    }

    internal CancellationToken Closed => _closing.Token;

    internal Uri UriOf(string path) => _uris.GetOrAdd(path, static (key, root) => new Uri(root, key), Address);

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, HttpVersion.Version20, cancellationToken);

    private static async Task SendAllAsync<TRequest, TResponse>(
        RpcDuplexCall<TRequest, TResponse> call, IAsyncEnumerable<TRequest> requests,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        await foreach (TRequest request in requests.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await call.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException)
            {
                // The callee has answered early or the call broke; reading the response tells which.
                return;
            }
        }

        call.Complete();
    }

    private Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, Version version, CancellationToken cancellationToken)
    {
        request.Version = version;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        if (_authorization is not null && !request.Headers.NonValidated.Contains(HeaderNames.Authorization))
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Authorization, _authorization);
        }

        if (Options.Tls?.ServerName is { } name)
        {
            request.Headers.Host = name;
        }

        return _http.SendAsync(request, cancellationToken);
    }
}
