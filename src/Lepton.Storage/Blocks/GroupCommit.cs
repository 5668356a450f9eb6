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
internal sealed class GroupCommit(Action flush, Action<BlockException>? failed = null)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _next;
    private Exception? _failure;
    private bool _isRunning;

    /// <summary>How many flushes there were.</summary>
    public long Flushes { get; private set; }

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

            _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task joined = _next.Task;
            if (!_isRunning)
            {
                _isRunning = true;
                _ = Task.Run(Run);
            }

            return joined;
        }
    }

    private void Run()
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
                Fail(round, e);
                return;
            }

            Flushes++;
            round.SetResult();
        }
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

    private void Fail(TaskCompletionSource round, Exception fault)
    {
        BlockException failure = new(
            BlockFailure.DiskFailed,
            $"The disk could not be flushed: {fault.Message} What was not acknowledged may be lost, and nothing " +
            "more is " +
            "taken. Check the disk, then start the node again.",
            fault);
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            _failure = failure;
            (waiting, _next) = (_next, null);
        }

        round.SetException(failure);
        waiting?.SetException(failure);
        failed?.Invoke(failure);
    }
}
