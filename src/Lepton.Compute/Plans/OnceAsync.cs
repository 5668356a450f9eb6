namespace Lepton.Compute.Plans;

/// <summary>
/// A value that is computed at most once at a time, and kept once it was. A failed or cancelled attempt is its caller's
/// alone: it is not kept, and another caller who waited for it tries again. Thread safe.
/// </summary>
internal sealed class OnceAsync<T>
{
    private readonly Lock _lock = new();
    private Task<T>? _task;

    /// <summary>Gives the value; the first caller's <paramref name="compute"/> makes it, others wait for
    /// that.</summary>
    public async Task<T> GetAsync(Func<Task<T>> compute, CancellationToken cancellation)
    {
        while (true)
        {
            (Task<T> task, bool isMine) = Join(compute);
            if (isMine)
            {
                // To its very end, cancelled or not: it works with what belongs to this caller.
                return await task.ConfigureAwait(false);
            }

            try
            {
                return await task.WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                // The other caller gets what went wrong; this one is left with nothing yet.
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    private (Task<T> Task, bool IsMine) Join(Func<Task<T>> compute)
    {
        lock (_lock)
        {
            if (_task is not (null or { IsFaulted: true } or { IsCanceled: true }))
            {
                return (_task, false);
            }

            // Elsewhere: it may look at many files, and the caller's thread may be a user interface's.
            _task = Task.Run(compute, CancellationToken.None);
            return (_task, true);
        }
    }
}
