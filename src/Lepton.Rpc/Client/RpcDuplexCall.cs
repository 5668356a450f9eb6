using System.Runtime.CompilerServices;
using Google.Protobuf;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Client;

/// <summary>
/// An open duplex stream. Any number of threads may write, each one's order is kept; one may read. Dispose it always:
/// that cancels the call where it has not ended.
/// </summary>
/// <typeparam name="TRequest">The message that this side sends.</typeparam>
/// <typeparam name="TResponse">The message that the callee sends.</typeparam>
public sealed class RpcDuplexCall<TRequest, TResponse> : IAsyncDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private const int ReadBufferBytes = 32 * 1024;
    private readonly ClientCall<TResponse> _call;
    private readonly MessageOutbox _outbox;
    private readonly Task _opening;

    internal RpcDuplexCall(ClientCall<TResponse> call, int pendingBytesMax)
    {
        _call = call;
        _outbox = new MessageOutbox(pendingBytesMax);
        _opening = OpenAsync();
    }

    /// <summary>
    /// Completes once the callee has answered with its headers, which some send only with their first response.
    /// </summary>
    /// <exception cref="RpcException">No connection, or the callee refused the call.</exception>
    public Task Opened => _opening;

    /// <summary>
    /// Sends a message. It is serialised before this returns, and leaves together with others where they come fast.
    /// Waits while the callee is slow to read.
    /// </summary>
    /// <exception cref="RpcException">The call has failed or the callee has ended it.</exception>
    /// <exception cref="InvalidOperationException">The writing side was completed.</exception>
    /// <exception cref="OperationCanceledException">The token or the call was cancelled; the message was not
    /// sent.</exception>
    public ValueTask WriteAsync(TRequest message, CancellationToken cancellationToken = default) =>
        _outbox.WriteAsync(message, cancellationToken);

    /// <summary>Sends messages in order; they share packets as far as there is room.</summary>
    /// <inheritdoc cref="WriteAsync"/>
    public ValueTask WriteManyAsync(
        IEnumerable<TRequest> messages, CancellationToken cancellationToken = default) =>
        _outbox.WriteManyAsync(messages, cancellationToken);

    /// <summary>Says that no more requests come, once those written have left. Responses still arrive.</summary>
    public void Complete() => _outbox.Complete();

    /// <summary>
    /// The next response, or null where the call ended with <see cref="StatusCode.OK"/>. Not reading holds the callee
    /// back: it may send no more than this side's window.
    /// </summary>
    /// <param name="cancellationToken">Cancels this reading alone; the call goes on.</param>
    /// <exception cref="RpcException">The call ended with another status, or broke.</exception>
    /// <exception cref="OperationCanceledException">The reading or the call was cancelled.</exception>
    public async ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource? both = Link(cancellationToken);
        return await ReadOneAsync(both?.Token ?? _call.Token).ConfigureAwait(false);
    }

    /// <summary>All responses to the end of the call. Read them once.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async IAsyncEnumerable<TResponse> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource? both = Link(cancellationToken);
        CancellationToken token = both?.Token ?? _call.Token;
        while (await ReadOneAsync(token).ConfigureAwait(false) is { } response)
        {
            yield return response;
        }
    }

    /// <summary>Cancels the call where it has not ended, and frees what it holds.</summary>
    public async ValueTask DisposeAsync()
    {
        _call.Dispose();
        _outbox.Fail(_call.Translate(new ObjectDisposedException(GetType().Name)));
        await _opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private CancellationTokenSource? Link(CancellationToken cancellationToken) => cancellationToken.CanBeCanceled
        ? CancellationTokenSource.CreateLinkedTokenSource(_call.Token, cancellationToken)
        : null;

    private ValueTask<TResponse?> ReadOneAsync(CancellationToken token)
    {
        if (_opening.IsCompletedSuccessfully)
        {
            ValueTask<TResponse?> read = _call.ReadAsync(token);
            return read.IsCompletedSuccessfully ? read : AwaitReadAsync(read);
        }

        return OpenAndReadAsync(token);
    }

    private async ValueTask<TResponse?> OpenAndReadAsync(CancellationToken token)
    {
        await _opening.WaitAsync(token).ConfigureAwait(false);
        return await AwaitReadAsync(_call.ReadAsync(token)).ConfigureAwait(false);
    }

    private async ValueTask<TResponse?> AwaitReadAsync(ValueTask<TResponse?> read)
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            // The writing side may only have seen that the stream ended, not why.
            _outbox.Fail(e, knowsBetter: true);
            throw;
        }
    }

    private async Task OpenAsync()
    {
        // Not on the caller's thread: whoever opens a stream has more to do than to wait for a socket.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            OutboxContent content = new(_outbox, WriteFailure);
            await _call.StartAsync(content, ReadBufferBytes).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _outbox.Fail(e);
            throw;
        }
    }

    private Exception WriteFailure(Exception e) =>
        !_call.Token.IsCancellationRequested && CallFailure.OfEndedStream(e) is { } ended
            ? _call.Failure(ended, RpcParty.Callee, e)
            : _call.Translate(e);
}
