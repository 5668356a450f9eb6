namespace Lepton.Storage.Blocks;

/// <summary>
/// Has many writers share one flush of the disk: who comes while one is under way waits for the next, together with all
/// others that came meanwhile. Thread safe.
/// </summary>
/// <param name="flush">
/// Flushes what was written before it is called. It is called again only after it has returned, and never after it has
/// thrown: the system may have dropped the pages that it could not write, and another flush would say nothing about
/// them.
/// </param>
/// <param name="failed">Told once of a flush that has thrown.</param>
/// <param name="threads">Those that flush; null for the pool's.</param>
internal sealed class GroupCommit(
    Action flush, Action<BlockException>? failed = null, WorkThreads? threads = null)
{
    private readonly WorkThreads _threads = threads ?? WorkThreads.Pool;
    private readonly Lock _gate = new();
    private TaskCompletionSource? _next;
    private BlockException? _failure;
    private bool _isRunning;

    /// <summary>Returns when all that was written before the call is on the disk.</summary>
    /// <exception cref="BlockException">The disk failed, now or before.</exception>
    public Task SyncAsync()
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                return Task.FromException(_failure);
            }

            _next ??= _threads.NewCompletion();
            Task joined = _next.Task;
            if (!_isRunning)
            {
                _isRunning = true;
                _ = _threads.RunAsync(RunAsync);
            }

            return joined;
        }
    }

    /// <summary>
    /// Says that a flush has failed that another than this made: nobody is told any more that anything is safe.
    /// </summary>
    /// <returns>What to throw; the first failure, where there was one before.</returns>
    public BlockException Fail(Exception fault)
    {
        BlockException failure = new(
            BlockFailure.DiskFailed,
            $"The disk could not be flushed: {fault.Message} What was not acknowledged may be lost, and nothing more " +
            "is taken. Check the disk, then start the node again.",
            fault);
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            if (_failure is not null)
            {
                return _failure;
            }

            _failure = failure;
            (waiting, _next) = (_next, null);
        }

        waiting?.SetException(failure);
        failed?.Invoke(failure);
        return failure;
    }

    private Task RunAsync()
    {
        while (Take() is { } round)
        {
            try
            {
                flush();
            }
            catch (Exception e)
            {
                // Whatever it was, nobody may be told that the data is safe, now or later.
                round.SetException(Fail(e));
                return Task.CompletedTask;
            }

            Complete(round);
        }

        return Task.CompletedTask;
    }

    private TaskCompletionSource? Take()
    {
        lock (_gate)
        {
            TaskCompletionSource? round = _next;
            _next = null;
            _isRunning = round is not null;
            return round;
        }
    }

    private void Complete(TaskCompletionSource round)
    {
        BlockException? failure;
        lock (_gate)
        {
            failure = _failure;
        }

        // What another flush could not write was maybe this round's.
        if (failure is null)
        {
            round.SetResult();
        }
        else
        {
            round.SetException(failure);
        }
    }
}
