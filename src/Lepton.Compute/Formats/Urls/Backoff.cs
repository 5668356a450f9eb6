using System.Text;

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
        ulong hash = 14695981039346656037 ^ (ulong)seed;
        foreach (byte value in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ value) * 1099511628211;
        }

        double share = (Mix(hash + ((ulong)attempt * 0x9E3779B97F4A7C15)) >> 11) * (1.0 / (1UL << 53));
        return TimeSpan.FromMilliseconds(full * (0.5 + (0.5 * share)));
    }

    // The finaliser of SplitMix64 (Steele, Lea, Flood, 2014).
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
