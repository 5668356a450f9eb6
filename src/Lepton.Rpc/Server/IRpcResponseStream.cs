using Google.Protobuf;

namespace Lepton.Rpc.Server;

/// <summary>
/// The responses of one streaming call, whichever way they go: over the network, or to a caller in this process.
/// </summary>
/// <typeparam name="TResponse">The message that this side sends.</typeparam>
public interface IRpcResponseStream<TResponse>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>
    /// Sends a message. Nothing of it is looked at any more when this returns. Waits while the caller is slow to read.
    /// </summary>
    /// <exception cref="OperationCanceledException">The call has ended, or a token was cancelled.</exception>
    ValueTask WriteAsync(TResponse message, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends a message that is encoded already, without the frame around it: for one that many streams get, but for a
    /// few bytes at its start. The bytes are copied before this returns.
    /// </summary>
    /// <param name="head">The first part of the message: this stream's own.</param>
    /// <param name="tail">The rest: what it shares with others. Both together must be a whole message.</param>
    /// <param name="cancellationToken">Ends a wait for room.</param>
    /// <exception cref="OperationCanceledException">The call has ended, or a token was cancelled.</exception>
    ValueTask WriteEncodedAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken = default);
}
