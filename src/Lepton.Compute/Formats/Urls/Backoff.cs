using Lepton.Core.Hashing;

namespace Lepton.Compute.Formats;

/// <summary>
/// Exponential pauses of which the upper half is random, so that clients that failed together don't come back together.
/// </summary>
internal static class Backoff
{
    /// <summary>
    /// The pause behind failed attempt <paramref name="attempt"/> (from 1) at <paramref name="name"/>.
    /// </summary>
    public static TimeSpan Pause(TimeSpan first, TimeSpan max, int attempt, string name, long seed)
    {
        double full = Math.Min(max.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 50)));
        ulong hash = StableHash.Combine(StableHash.OfString(name), (ulong)seed);
        double share = (StableHash.Combine(hash, (ulong)attempt) >> 11) * (1.0 / (1UL << 53));
        return TimeSpan.FromMilliseconds(full * (0.5 + (0.5 * share)));
    }
}
