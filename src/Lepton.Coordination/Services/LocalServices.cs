using Google.Protobuf;
using Lepton.Rpc;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>
/// The handlers of one member for callers in this process: what a server's routes are for those that come over the
/// network. Fill it before the first call; thread safe afterwards.
/// </summary>
internal sealed class LocalServices : IAsyncDisposable
{
    private readonly string _name;
    private readonly Dictionary<string, Delegate> _handlers = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="name">The member's name, for messages.</param>
    public LocalServices(string name) => (_name, Stopping) = (name, _stopping.Token);

    /// <summary>What messages call this way to the member.</summary>
    public string Endpoint => $"in-process:{_name}";

    /// <summary>Cancelled when the member stops.</summary>
    public CancellationToken Stopping { get; }

    public void MapUnary<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, Func<TRequest, bool, CancellationToken, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => _handlers.Add(method.Path, handler);

    public void MapServerStreaming<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method,
        Func<TRequest, IRpcResponseStream<TResponse>, bool, CancellationToken, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => _handlers.Add(method.Path, handler);

    public void MapDuplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method,
        Func<IRpcServerStream<TRequest, TResponse>, bool, CancellationToken, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => _handlers.Add(method.Path, handler);

    /// <summary>The handler of a method.</summary>
    /// <exception cref="RpcException">The member has stopped, or has no such method.</exception>
    public THandler Find<THandler>(string path)
        where THandler : Delegate
    {
        if (Stopping.IsCancellationRequested)
        {
            throw new RpcException(StatusCode.Unavailable, $"the member '{_name}' of this process has stopped")
            {
                NeverReached = true,
            };
        }

        return _handlers.TryGetValue(path, out Delegate? handler)
            ? (THandler)handler
            : throw new RpcException(StatusCode.Unimplemented, $"this server has no method '{path}'");
    }

    /// <summary>Ends the calls that run, and refuses new ones.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            _stopping.Dispose();
        }
    }
}
