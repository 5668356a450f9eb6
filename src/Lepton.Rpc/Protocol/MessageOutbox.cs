using Google.Protobuf;

namespace Lepton.Rpc.Protocol;

/// <summary>
/// Where writers leave messages and one pump fetches them. A message is serialised at once, so the writer may change
/// it afterwards. Whatever gathers while the pump is busy leaves in one go: that is what makes streams of small
/// messages fast. Writers wait while more than a set number of bytes is pending. Thread safe for any number of
/// writers and one pump; messages of one writer keep their order.
/// </summary>
internal sealed class MessageOutbox(int pendingBytesMax)
{
    private readonly Lock _gate = new();
    private PooledBuffer _pending = new();
    private PooledBuffer _spare = new();
    private TaskCompletionSource? _roomMade;
    private TaskCompletionSource? _pumpWanted;
    private Exception? _failure;
    private bool _completed;

    /// <summary>Leaves a message; waits first while too much is pending.</summary>
    public ValueTask WriteAsync(IMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task? room = TryWrite(message);
        return room is null ? ValueTask.CompletedTask : WriteLaterAsync(message, room, cancellationToken);
    }

    /// <summary>Leaves a message that is encoded already, in two parts, as <see cref="WriteAsync"/> does.</summary>
    public ValueTask WriteEncodedAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task? room = TryWriteEncoded(head.Span, tail.Span);
        return room is null ? ValueTask.CompletedTask : WriteEncodedLaterAsync(head, tail, room, cancellationToken);
    }

    /// <summary>Leaves messages one after the other; they travel together as far as there is room.</summary>
    public async ValueTask WriteManyAsync<T>(IEnumerable<T> messages, CancellationToken cancellationToken)
        where T : IMessage
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (T message in messages)
        {
            Task? room = TryWrite(message);
            if (room is not null)
            {
                await WriteLaterAsync(message, room, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>No more messages come. The pump ends once everything left.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            Wake(ref _pumpWanted);
            Wake(ref _roomMade);
        }
    }

    /// <summary>
    /// Drops what is pending; every writer, now and later, gets <paramref name="failure"/>. The first counts, unless a
    /// later one knows better.
    /// </summary>
    public void Fail(Exception failure, bool knowsBetter = false)
    {
        lock (_gate)
        {
            _failure = knowsBetter ? failure : _failure ?? failure;
            _pending.Release();
            Wake(ref _pumpWanted);
            Wake(ref _roomMade);
        }
    }

    /// <summary>
    /// Hands batches to <paramref name="write"/>, in order, one at a time, until the outbox is complete and empty.
    /// Throws the failure of an outbox that failed, so that a broken body never looks like a whole one. Call it once.
    /// Where a write throws, writers get what <paramref name="asFailure"/> makes of it.
    /// </summary>
    public async Task PumpAsync(
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, Func<Exception, Exception> asFailure,
        CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                (PooledBuffer? batch, Task? wanted) = TakeBatch();
                if (batch is not null)
                {
                    await write(batch.WrittenMemory, cancellationToken).ConfigureAwait(false);
                    batch.Clear();
                }
                else if (wanted is not null)
                {
                    await wanted.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    return;
                }
            }
        }
        catch (Exception e)
        {
            Fail(asFailure(e));
            throw;
        }
        finally
        {
            ReleaseBuffers();
        }
    }

    private static void Wake(ref TaskCompletionSource? waiting)
    {
        waiting?.TrySetResult();
        waiting = null;
    }

    private (PooledBuffer? Batch, Task? Wanted) TakeBatch()
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                throw _failure;
            }

            if (_pending.Length > 0)
            {
                (_pending, _spare) = (_spare, _pending);
                Wake(ref _roomMade);
                return (_spare, null);
            }

            if (_completed)
            {
                return (null, null);
            }

            _pumpWanted ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (null, _pumpWanted.Task);
        }
    }

    private Task? TryWrite(IMessage message)
    {
        lock (_gate)
        {
            if (RoomWanted() is { } room)
            {
                return room;
            }

            int start = _pending.Length;
            try
            {
                FrameFormat.Write(_pending, message);
            }
            catch
            {
                // Half a message must not leave; the stream stays usable.
                _pending.Truncate(start);
                throw;
            }

            Wake(ref _pumpWanted);
            return null;
        }
    }

    private Task? TryWriteEncoded(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        lock (_gate)
        {
            if (RoomWanted() is { } room)
            {
                return room;
            }

            FrameFormat.Write(_pending, head, tail);
            Wake(ref _pumpWanted);
            return null;
        }
    }

    /// <summary>Null where a message can be left now, else what to wait for. Under the lock.</summary>
    private Task? RoomWanted()
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        if (_completed)
        {
            throw new InvalidOperationException(
                "The stream takes no more messages: its writing side was completed. Write before completing it.");
        }

        if (_pending.Length < pendingBytesMax)
        {
            return null;
        }

        _roomMade ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _roomMade.Task;
    }

    private async ValueTask WriteEncodedLaterAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, Task room, CancellationToken cancellationToken)
    {
        for (Task? wait = room; wait is not null; wait = TryWriteEncoded(head.Span, tail.Span))
        {
            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask WriteLaterAsync(IMessage message, Task room, CancellationToken cancellationToken)
    {
        for (Task? wait = room; wait is not null; wait = TryWrite(message))
        {
            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void ReleaseBuffers()
    {
        lock (_gate)
        {
            _pending.Release();
            _spare.Release();
            Wake(ref _roomMade);
        }
    }
}
