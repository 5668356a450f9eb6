using Google.Protobuf;
using Lepton.Rpc;

namespace Lepton.Coordination.Client.Transport;

/// <summary>An open duplex stream. One writer and one reader at a time. Disposing it ends the call.</summary>
/// <typeparam name="TRequest">The message that this side sends.</typeparam>
/// <typeparam name="TResponse">The message that the server sends.</typeparam>
internal interface ICoordinationStream<TRequest, TResponse> : IAsyncDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>Sends a message.</summary>
    /// <exception cref="RpcException">The call has failed or ended.</exception>
    ValueTask WriteAsync(TRequest request, CancellationToken cancellationToken);

    /// <summary>Says that no more requests come.</summary>
    void Complete();

    /// <summary>The next response; null where the server ended the call without an error.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    /// <exception cref="OperationCanceledException">The token, or the call, was cancelled.</exception>
    ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken);
}
