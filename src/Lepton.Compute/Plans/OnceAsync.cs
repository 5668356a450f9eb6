namespace Lepton.Compute.Plans;

/// <summary>
/// A value that is computed at most once at a time, and kept once it was. A failed or cancelled attempt is not kept: the next
/// caller tries again. Thread safe.
/// </summary>
internal sealed class OnceAsync<T>
{
    private readonly Lock _lock = new();
    private Task<T>? _task;

    /// <summary>Gives the value; the first caller's <paramref name="compute"/> makes it, others wait for that.</summary>
    public Task<T> GetAsync(Func<Task<T>> compute)
    {
        lock (_lock)
        {
            if (_task is null || _task.IsFaulted || _task.IsCanceled)
            {
                _task = compute();
            }

            return _task;
        }
    }
}
