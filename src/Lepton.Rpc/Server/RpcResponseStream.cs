using Google.Protobuf;

namespace Lepton.Rpc.Server;

/// <summary>The responses of one streaming call. Any number of threads may write; each one's order is kept.</summary>
/// <typeparam name="TResponse">The message that this side sends.</typeparam>
public sealed class RpcResponseStream<TResponse>
    where TResponse : class, IMessage<TResponse>
{
    private readonly ResponseSink _sink;
    private readonly CancellationToken _callToken;

    internal RpcResponseStream(ResponseSink sink, CancellationToken callToken) =>
        (_sink, _callToken) = (sink, callToken);

    /// <summary>
    /// Sends a message. It is serialised before this returns, and leaves together with others where they come fast.
    /// Waits while the caller is slow to read.
    /// </summary>
    /// <exception cref="OperationCanceledException">The call has ended, or a token was cancelled.</exception>
    public ValueTask WriteAsync(TResponse message, CancellationToken cancellationToken = default) =>
        WaitOnCall(_sink.WriteAsync(message, cancellationToken));

    /// <summary>Sends messages in order; they share packets as far as there is room.</summary>
    /// <inheritdoc cref="WriteAsync"/>
    public ValueTask WriteManyAsync(
        IEnumerable<TResponse> messages, CancellationToken cancellationToken = default) =>
        WaitOnCall(_sink.WriteManyAsync(messages, cancellationToken));

    /// <summary>
    /// Sends a message that is encoded already, without the frame around it: for one that many streams get, but for a
    /// few bytes at its start. The bytes are copied before this returns.
    /// </summary>
    /// <param name="head">The first part of the message: this stream's own.</param>
    /// <param name="tail">The rest: what it shares with others. Both together must be a whole message.</param>
    /// <param name="cancellationToken">Ends a wait for room.</param>
    /// <exception cref="OperationCanceledException">The call has ended, or a token was cancelled.</exception>
    public ValueTask WriteEncodedAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken = default) =>
        WaitOnCall(_sink.WriteEncodedAsync(head, tail, cancellationToken));

    // The outbox fails its writers when the call ends, but only after the handler had its chance; a writer that waits
    // for room must learn of the cancellation itself.
    private ValueTask WaitOnCall(ValueTask write) =>
        write.IsCompleted ? write : new ValueTask(write.AsTask().WaitAsync(_callToken));
}
