using Google.Protobuf;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Client.Transport;

/// <summary>The way to a server over the network, by gRPC.</summary>
internal sealed class GrpcTransport : ICoordinationTransport
{
    private readonly RpcChannel _channel;
    private readonly RpcMetadata _needsLeader = [];

    /// <summary>Makes it; nothing is sent yet.</summary>
    public GrpcTransport(Uri address, RpcChannelOptions options)
    {
        _channel = new RpcChannel(address, options);
        Endpoint = address.GetLeftPart(UriPartial.Authority);
        _needsLeader.Add("hasleader", "true");
    }

    /// <inheritdoc/>
    public string Endpoint { get; }

    /// <inheritdoc/>
    public Task<TResponse> UnaryAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, TransportCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        _channel.UnaryAsync(method, request, ToRpc(options), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<TResponse> ServerStreaming<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, TransportCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        _channel.ServerStreaming(method, request, ToRpc(options), cancellationToken);

    /// <inheritdoc/>
    public ICoordinationStream<TRequest, TResponse> OpenDuplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TransportCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        new Stream<TRequest, TResponse>(_channel.OpenDuplex(method, ToRpc(options), cancellationToken));

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private RpcCallOptions ToRpc(TransportCallOptions options) => new()
    {
        Timeout = options.Timeout,
        Metadata = options.NeedsLeader ? _needsLeader : null,
    };

    private sealed class Stream<TRequest, TResponse>(RpcDuplexCall<TRequest, TResponse> call)
        : ICoordinationStream<TRequest, TResponse>
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        public ValueTask WriteAsync(TRequest request, CancellationToken cancellationToken) =>
            call.WriteAsync(request, cancellationToken);

        public void Complete() => call.Complete();

        public ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken) =>
            call.ReadAsync(cancellationToken);

        public ValueTask DisposeAsync() => call.DisposeAsync();
    }
}
