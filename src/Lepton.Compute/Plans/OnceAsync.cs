namespace Lepton.Compute.Plans;

/// <summary>
/// A value that is computed at most once at a time, and kept once it was. A failed or cancelled attempt is not kept, and concerns only
/// the caller who made it: those who waited for it try themselves. Thread safe.
/// </summary>
internal sealed class OnceAsync<T>
{
    private readonly Lock _lock = new();
    private Task<T>? _task;

    /// <summary>Gives the value; the first caller's <paramref name="compute"/> makes it, others wait for that.</summary>
    public async Task<T> GetAsync(Func<Task<T>> compute, CancellationToken cancellation)
    {
        while (true)
        {
            (Task<T> task, bool isOurs) = Begin(compute);
            if (isOurs)
            {
                return await task.ConfigureAwait(false);
            }

            await Task.WhenAny(task).WaitAsync(cancellation).ConfigureAwait(false);
            if (task.IsCompletedSuccessfully)
            {
                return await task.ConfigureAwait(false);
            }
        }
    }

    private (Task<T> Task, bool IsOurs) Begin(Func<Task<T>> compute)
    {
        lock (_lock)
        {
            bool isOurs = _task is null || _task.IsFaulted || _task.IsCanceled;
            if (isOurs)
            {
                _task = compute();
            }

            return (_task!, isOurs);
        }
    }
}
