using Google.Protobuf;

namespace Lepton.Rpc.Server;

/// <summary>The responses of one streaming call. Any number of threads may write; each one's order is kept.</summary>
/// <typeparam name="TResponse">The message that this side sends.</typeparam>
public sealed class RpcResponseStream<TResponse> : IRpcResponseStream<TResponse>
    where TResponse : class, IMessage<TResponse>
{
    private readonly ResponseSink _sink;
    private readonly CancellationToken _callToken;

    internal RpcResponseStream(ResponseSink sink, CancellationToken callToken) =>
        (_sink, _callToken) = (sink, callToken);

    /// <inheritdoc/>
    /// <remarks>It leaves together with others where they come fast.</remarks>
    public ValueTask WriteAsync(TResponse message, CancellationToken cancellationToken = default) =>
        WaitOnCall(_sink.WriteAsync(message, cancellationToken));

    /// <summary>Sends messages in order; they share packets as far as there is room.</summary>
    /// <inheritdoc cref="WriteAsync"/>
    public ValueTask WriteManyAsync(
        IEnumerable<TResponse> messages, CancellationToken cancellationToken = default) =>
        WaitOnCall(_sink.WriteManyAsync(messages, cancellationToken));

    /// <inheritdoc/>
    public ValueTask WriteEncodedAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken = default) =>
        WaitOnCall(_sink.WriteEncodedAsync(head, tail, cancellationToken));

    // The outbox fails its writers when the call ends, but only after the handler had its chance; a writer that waits
    // for room must learn of the cancellation itself.
    private ValueTask WaitOnCall(ValueTask write) =>
        write.IsCompleted ? write : new ValueTask(write.AsTask().WaitAsync(_callToken));
}
