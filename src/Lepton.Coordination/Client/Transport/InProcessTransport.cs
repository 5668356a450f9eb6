using System.Runtime.CompilerServices;
using Google.Protobuf;
using Lepton.Coordination.Services;
using Lepton.Rpc;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Client.Transport;

/// <summary>
/// The way to a member in this very process: requests go straight to its handlers, without a socket or an encoding, and
/// answers come back as they are. Streams are two queues. Limits of a wire, such as the size of an answer, are none
/// here; those of the store itself hold.
/// </summary>
internal sealed class InProcessTransport : ICoordinationTransport
{
    private readonly LocalServices _services;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;

    /// <summary>Makes it; nothing is called yet.</summary>
    public InProcessTransport(LocalServices services, TimeProvider timeProvider) =>
        (_services, _timeProvider, _closed) = (services, timeProvider, _closing.Token);

    /// <inheritdoc/>
    public string Endpoint => _services.Endpoint;

    /// <inheritdoc/>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, TransportCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var handler = _services.Find<Func<TRequest, bool, CancellationToken, Task<TResponse>>>(method.Path);
        using InProcessCall call = NewCall(method.Path, options, cancellationToken);
        try
        {
            // A handler that does not look at its token must not hold the caller beyond its time.
            return await handler(request, options.NeedsLeader, call.Token).WaitAsync(call.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw call.Translate(e);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TResponse> ServerStreaming<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, TransportCallOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var handler = _services.Find<Func<TRequest, IRpcResponseStream<TResponse>, bool, CancellationToken, Task>>(
            method.Path);
        InProcessStream<TRequest, TResponse> stream = new(
            method, NewCall(method.Path, options, cancellationToken),
            (responses, token) => handler(request, responses, options.NeedsLeader, token));
        await using (stream.ConfigureAwait(false))
        {
            while (await stream.ReadAsync(cancellationToken).ConfigureAwait(false) is { } response)
            {
                yield return response;
            }
        }
    }

    /// <inheritdoc/>
    public ICoordinationStream<TRequest, TResponse> OpenDuplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TransportCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        new InProcessStream<TRequest, TResponse>(
            method, NewCall(method.Path, options, cancellationToken),
            (stream, token) => FindDuplex(method)(stream, options.NeedsLeader, token));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_closed.IsCancellationRequested)
        {
            _closing.Cancel();
            _closing.Dispose();
        }
    }

    private Func<IRpcServerStream<TRequest, TResponse>, bool, CancellationToken, Task> FindDuplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        _services.Find<Func<IRpcServerStream<TRequest, TResponse>, bool, CancellationToken, Task>>(method.Path);

    private InProcessCall NewCall(string path, TransportCallOptions options, CancellationToken cancellationToken) =>
        new(_services, path, options.Timeout, _timeProvider, _closed, cancellationToken);
}
