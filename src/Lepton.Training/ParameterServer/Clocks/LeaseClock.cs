namespace Lepton.Training.ParameterServer.Clocks;

/// <summary>Which workers have been silent for too long. Pure.</summary>
internal sealed class LeaseClock(TimeSpan lease)
{
    private readonly SortedDictionary<int, TimeSpan> _until = [];

    /// <summary>A worker has given a sign of life.</summary>
    public void Heard(int worker, TimeSpan now) => Allow(worker, now + lease);

    /// <summary>A worker may be silent up to a time.</summary>
    public void Allow(int worker, TimeSpan until) => _until[worker] = until;

    /// <summary>A worker is no longer waited for.</summary>
    public void Forget(int worker) => _until.Remove(worker);

    /// <summary>Takes out who is over the time.</summary>
    public IReadOnlyList<int> TakeExpired(TimeSpan now)
    {
        int[] expired = [.. _until.Where(entry => entry.Value < now).Select(static entry => entry.Key)];
        foreach (int worker in expired)
        {
            _until.Remove(worker);
        }

        return expired;
    }
}
