using Google.Protobuf;
using Lepton.Rpc;

namespace Lepton.Coordination.Client.Transport;

/// <summary>
/// The way to one server: gRPC to another process, or plain calls within this one. What goes wrong comes out as
/// <see cref="RpcException"/> with the status that the protocol has for it, whichever way it is, so that nobody above
/// needs to know. Thread safe.
/// </summary>
/// <remarks>
/// A transport within the process hands the request to the server's own handlers. It must keep what a wire gives: a
/// message belongs to its receiver once it was sent, streams are bounded, and a call ends by its timeout. Where it
/// knows that a handler was never called it sets <see cref="RpcException.NeverReached"/>.
/// </remarks>
internal interface ICoordinationTransport : IDisposable
{
    /// <summary>The server, for messages: its address, or the member's name.</summary>
    string Endpoint { get; }

    /// <summary>One request, one response.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<TResponse> UnaryAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, TransportCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>;

    /// <summary>One request, many responses.</summary>
    /// <inheritdoc cref="UnaryAsync"/>
    IAsyncEnumerable<TResponse> ServerStreaming<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, TransportCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>;

    /// <summary>Many requests, many responses. Nothing is waited for here; reading tells what went wrong.</summary>
    ICoordinationStream<TRequest, TResponse> OpenDuplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TransportCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>;
}
