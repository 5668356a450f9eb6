namespace Lepton.Storage.Replication;

/// <summary>
/// Bounds a rate. Pure: times are what has passed since some moment, by a clock that never goes back. Not thread safe.
/// </summary>
/// <param name="perSecond">How much in a second.</param>
/// <param name="burst">How much at once, after a pause.</param>
internal sealed class TokenBucket(double perSecond, double burst)
{
    /// <summary>What was taken and has not come again yet; above <c>burst</c>, it is waited for.</summary>
    private double _taken;
    private TimeSpan _at;

    /// <summary>Takes some, which may be more than there is: the next ones wait for longer then.</summary>
    /// <returns>How long to wait before it is used.</returns>
    public TimeSpan Take(double amount, TimeSpan now)
    {
        if (now > _at)
        {
            _taken = Math.Max(0, _taken - ((now - _at).TotalSeconds * perSecond));
            _at = now;
        }

        _taken += amount;
        return TimeSpan.FromSeconds(Math.Max(0, _taken - burst) / perSecond);
    }
}
