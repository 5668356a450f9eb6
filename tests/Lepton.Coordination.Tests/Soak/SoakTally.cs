using System.Collections.Concurrent;
using System.Diagnostics;

namespace Lepton.Coordination.Tests.Soak;

/// <summary>What happened during a soak, counted. Thread safe.</summary>
internal sealed class SoakTally
{
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private long _lastWrite;
    private long _longestGap;

    /// <summary>Counts one more of a kind.</summary>
    public void Add(string kind, long more = 1) => _counts.AddOrUpdate(kind, more, (_, count) => count + more);

    /// <summary>Keeps the highest value of a kind.</summary>
    public void Highest(string kind, long value) =>
        _counts.AddOrUpdate(kind, value, (_, highest) => Math.Max(highest, value));

    /// <summary>All kinds, sorted by their names.</summary>
    public IEnumerable<(string Kind, long Count)> All() =>
        _counts.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value));

    /// <summary>The longest time without an acknowledged write while clients wanted some.</summary>
    public TimeSpan LongestGap => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _longestGap));

    /// <summary>Clients begin to write: a gap is measured from here.</summary>
    public void BeginWriting() => Interlocked.Exchange(ref _lastWrite, Stopwatch.GetTimestamp());

    /// <summary>A write was acknowledged.</summary>
    public void Acknowledged()
    {
        long now = Stopwatch.GetTimestamp();
        long gap = now - Interlocked.Exchange(ref _lastWrite, now);
        long longest = Interlocked.Read(ref _longestGap);
        while (gap > longest)
        {
            long seen = Interlocked.CompareExchange(ref _longestGap, gap, longest);
            longest = seen == longest ? gap : seen;
        }
    }
}
