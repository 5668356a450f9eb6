using System.Threading.Channels;
using Google.Protobuf;
using Lepton.Rpc;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Client.Transport;

/// <summary>
/// A stream between a caller and a handler of one process: two bounded queues. A message is encoded when it is written,
/// as it would be for a wire, since its maker may use its bytes for the next one.
/// </summary>
internal sealed class InProcessStream<TRequest, TResponse> : ICoordinationStream<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private const int MessagesPendingMax = 8;
    private readonly Channel<TRequest> _requests = NewQueue<TRequest>();
    private readonly Channel<TResponse> _responses = NewQueue<TResponse>();
    private readonly RpcMethod<TRequest, TResponse> _method;
    private readonly InProcessCall _call;
    private readonly Task _handling;

    /// <summary>Starts the handler, on another thread.</summary>
    /// <param name="method">The method.</param>
    /// <param name="call">The call, which is this stream's from now on.</param>
    /// <param name="handler">Carries it out.</param>
    public InProcessStream(
        RpcMethod<TRequest, TResponse> method, InProcessCall call,
        Func<IRpcServerStream<TRequest, TResponse>, CancellationToken, Task> handler)
    {
        (_method, _call) = (method, call);
        _handling = HandleAsync(handler);
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(TRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await PutAsync(_requests, Copy(request, _method.RequestParser), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw e.InnerException ?? new InvalidOperationException(
                $"The writing side of the call of {_method} was completed; nothing can be written any more.", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw _call.Translate(e);
        }
    }

    /// <inheritdoc/>
    public void Complete() => _requests.Writer.TryComplete();

    /// <inheritdoc/>
    public async ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TakeAsync(_responses, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw _call.Translate(e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _call.CancelAsync().ConfigureAwait(false);
        await _handling.ConfigureAwait(false);
        _call.Dispose();
    }

    private static Channel<T> NewQueue<T>() => Channel.CreateBounded<T>(
        new BoundedChannelOptions(MessagesPendingMax) { SingleReader = true });

    private static T Copy<T>(T message, MessageParser<T> parser)
        where T : class, IMessage<T> => parser.ParseFrom(message.ToByteArray());

    private async Task HandleAsync(Func<IRpcServerStream<TRequest, TResponse>, CancellationToken, Task> handler)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Exception? end = null;
        try
        {
            await handler(new ServerSide(this), _call.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The caller gets it, after what was written until then.
            end = _call.Translate(e);
        }

        _responses.Writer.Complete(end);
        _requests.Writer.TryComplete(
            end ?? new RpcException(StatusCode.Unavailable, $"the server has ended the call of {_method}"));
    }

    private async ValueTask<T?> TakeAsync<T>(Channel<T> queue, CancellationToken cancellationToken)
        where T : class
    {
        if (queue.Reader.TryRead(out T? ready))
        {
            return ready;
        }

        using CancellationTokenSource both =
            CancellationTokenSource.CreateLinkedTokenSource(_call.Token, cancellationToken);
        while (await queue.Reader.WaitToReadAsync(both.Token).ConfigureAwait(false))
        {
            if (queue.Reader.TryRead(out T? message))
            {
                return message;
            }
        }

        return null;
    }

    private ValueTask PutAsync<T>(Channel<T> queue, T message, CancellationToken cancellationToken) =>
        queue.Writer.TryWrite(message) ? ValueTask.CompletedTask : WaitAndPutAsync(queue, message, cancellationToken);

    private async ValueTask WaitAndPutAsync<T>(Channel<T> queue, T message, CancellationToken cancellationToken)
    {
        using CancellationTokenSource both =
            CancellationTokenSource.CreateLinkedTokenSource(_call.Token, cancellationToken);
        await queue.Writer.WriteAsync(message, both.Token).ConfigureAwait(false);
    }

    /// <summary>What the handler sees of it.</summary>
    private sealed class ServerSide(InProcessStream<TRequest, TResponse> stream)
        : IRpcServerStream<TRequest, TResponse>
    {
        public ValueTask<TRequest?> ReadAsync(CancellationToken cancellationToken) =>
            stream.TakeAsync(stream._requests, cancellationToken);

        public ValueTask WriteAsync(TResponse message, CancellationToken cancellationToken) =>
            RespondAsync(Copy(message, stream._method.ResponseParser), cancellationToken);

        public ValueTask WriteEncodedAsync(
            ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
        {
            // Two parts of an encoded message merge into it.
            TResponse message = stream._method.ResponseParser.ParseFrom(head.Span);
            message.MergeFrom(tail.Span);
            return RespondAsync(message, cancellationToken);
        }

        private ValueTask RespondAsync(TResponse message, CancellationToken cancellationToken) =>
            stream._call.Token.IsCancellationRequested
                ? ValueTask.FromCanceled(stream._call.Token)
                : stream.PutAsync(stream._responses, message, cancellationToken);
    }
}
