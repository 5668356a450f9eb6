using Google.Protobuf;

namespace Lepton.Rpc.Server;

/// <summary>
/// Both directions of one duplex call, whichever way it came: over the network, or from a caller in this process. One
/// reader at a time; any number of writers.
/// </summary>
/// <typeparam name="TRequest">The message that the caller sends.</typeparam>
/// <typeparam name="TResponse">The message that this side sends.</typeparam>
public interface IRpcServerStream<TRequest, TResponse> : IRpcResponseStream<TResponse>
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>
    /// The next request, or null once the caller has completed its side. Not reading holds the caller back.
    /// </summary>
    /// <exception cref="RpcException">What came breaks the protocol, or is larger than the limit.</exception>
    /// <exception cref="OperationCanceledException">The call has ended, or the token was cancelled.</exception>
    ValueTask<TRequest?> ReadAsync(CancellationToken cancellationToken = default);
}
