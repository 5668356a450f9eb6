using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Lepton.Rpc.Server;

/// <summary>
/// What a server serves: methods with their handlers, and plain HTTP routes for bulk bytes. Fill it before the server
/// starts; not thread safe before, unchanging after.
/// </summary>
public sealed class RpcServices
{
    private readonly Dictionary<string, RpcRoute> _methods = new(StringComparer.Ordinal);
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);
    private readonly List<HttpRoute> _routes = [];
    private bool _frozen;

    /// <summary>Serves a method of one request and one response.</summary>
    /// <param name="method">The method; each can be mapped once.</param>
    /// <param name="handler">Any number of calls run it at the same time. It throws <see cref="RpcException"/> to end
    /// its call with a status.</param>
    /// <exception cref="InvalidOperationException">The method is mapped already, or the server has started.</exception>
    public void MapUnary<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, Func<TRequest, RpcServerCall, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(handler);
        Map(method, isStreaming: false, async context =>
        {
            TRequest request = await context.ReadSingleAsync(method.RequestParser).ConfigureAwait(false);
            return NotNull(method, await handler(request, context.Call).ConfigureAwait(false));
        });
    }

    /// <summary>Serves a method of one request and many responses.</summary>
    /// <inheritdoc cref="MapUnary"/>
    public void MapServerStreaming<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method,
        Func<TRequest, RpcResponseStream<TResponse>, RpcServerCall, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(handler);
        Map(method, isStreaming: true, async context =>
        {
            TRequest request = await context.ReadSingleAsync(method.RequestParser).ConfigureAwait(false);
            RpcResponseStream<TResponse> responses = new(context.Sink, context.Lifetime.Token);
            await handler(request, responses, context.Call).ConfigureAwait(false);
            return null;
        });
    }

    /// <summary>Serves a method of many requests and one response.</summary>
    /// <inheritdoc cref="MapUnary"/>
    public void MapClientStreaming<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method,
        Func<IAsyncEnumerable<TRequest>, RpcServerCall, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(handler);
        Map(method, isStreaming: true, async context =>
        {
            IAsyncEnumerable<TRequest> requests = RpcServerStream<TRequest, TResponse>.ReadAllAsync(
                context.NewReader(method.RequestParser), context.Lifetime.Token);
            return NotNull(method, await handler(requests, context.Call).ConfigureAwait(false));
        });
    }

    /// <summary>Serves a method of many requests and many responses, each side at its own pace.</summary>
    /// <inheritdoc cref="MapUnary"/>
    public void MapDuplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method,
        Func<RpcServerStream<TRequest, TResponse>, RpcServerCall, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(handler);
        Map(method, isStreaming: true, async context =>
        {
            CancellationToken token = context.Lifetime.Token;
            RpcServerStream<TRequest, TResponse> stream = new(
                context.NewReader(method.RequestParser), new RpcResponseStream<TResponse>(context.Sink, token), token);
            await handler(stream, context.Call).ConfigureAwait(false);
            return null;
        });
    }

    /// <summary>Serves plain HTTP requests, over HTTP/1.1 and HTTP/2 alike.</summary>
    /// <param name="httpMethod">Such as <c>GET</c>, which answers HEAD too.</param>
    /// <param name="pattern">A path such as <c>/blocks/{id}</c>; a parameter is one whole segment. The first route that
    /// fits wins.</param>
    /// <param name="handler">Finds its parameters in the request's route values; there are no request services. An
    /// exception that it throws ends the request with 500, or cuts the response off where it has started.</param>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    /// <exception cref="InvalidOperationException">The server has started.</exception>
    public void MapHttp(string httpMethod, string pattern, RequestDelegate handler)
    {
        CheckNotStarted();
        _routes.Add(new HttpRoute(httpMethod, pattern, handler));
    }

    internal void Freeze() => _frozen = true;

    internal RpcRoute? FindMethod(string path) => _methods.GetValueOrDefault(path);

    internal HttpRoute? FindRoute(HttpRequest request, out bool pathKnown)
    {
        pathKnown = false;
        foreach (HttpRoute route in _routes)
        {
            if (route.Matches(request, out bool methodFits))
            {
                pathKnown = true;
                if (methodFits)
                {
                    return route;
                }
            }
        }

        return null;
    }

    internal RpcStatus Unknown(string path)
    {
        int end = path.LastIndexOf('/');
        string service = end > 0 ? path[1..end] : "";
        return new RpcStatus(StatusCode.Unimplemented, _services.Contains(service)
            ? $"the service {service} of this server has no method '{path[(end + 1)..]}'"
            : $"this server has no service '{service}'");
    }

    private static TResponse NotNull<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TResponse? response)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        response ?? throw new InvalidOperationException(
            $"The handler of {method} returned null. Return a message, or throw RpcException to fail the call.");

    private void Map<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, bool isStreaming, Func<CallContext, Task<IMessage?>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        CheckNotStarted();
        if (!_methods.TryAdd(method.Path, new RpcRoute(isStreaming, handle)))
        {
            throw new InvalidOperationException(
                $"{method.Path} is mapped already. Map each method once, to one handler.");
        }

        _services.Add(method.Service);
    }

    private void CheckNotStarted()
    {
        if (_frozen)
        {
            throw new InvalidOperationException(
                "These services are being served; methods and routes must be mapped before the server starts.");
        }
    }
}
