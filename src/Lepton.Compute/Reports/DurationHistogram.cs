namespace Lepton.Compute.Reports;

/// <summary>
/// The spread of durations in buckets that grow by 2 %, so that a quantile is within 1 % whatever the number of tasks
/// and memory does not grow with it.
/// </summary>
internal sealed class DurationHistogram
{
    private const double SmallestMs = 0.001;
    private static readonly double s_logGrowth = Math.Log(1.02);
    private readonly Dictionary<int, long> _buckets = [];
    private long _count;
    private double _minMs = double.PositiveInfinity;

    public double MaxMs { get; private set; }

    public void Add(double ms)
    {
        int bucket = ms <= SmallestMs ? 0 : 1 + (int)(Math.Log(ms / SmallestMs) / s_logGrowth);
        _buckets[bucket] = _buckets.GetValueOrDefault(bucket) + 1;
        _count++;
        _minMs = Math.Min(_minMs, ms);
        MaxMs = Math.Max(MaxMs, ms);
    }

    /// <summary>The duration that <paramref name="quantile"/> of all do not exceed; 0 when there are none.</summary>
    public double QuantileMs(double quantile)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(quantile * _count));
        long seen = 0;
        foreach ((int bucket, long count) in _buckets.OrderBy(entry => entry.Key))
        {
            seen += count;
            if (seen >= rank)
            {
                double middle = bucket == 0 ? 0 : SmallestMs * Math.Exp((bucket - 0.5) * s_logGrowth);
                return Math.Clamp(middle, _minMs, MaxMs);
            }
        }

        return 0;
    }
}
