using System.Collections.Concurrent;

namespace Lepton.Storage.Tests.Soak;

/// <summary>What happened during a soak, counted, and what was wrong. Thread safe.</summary>
internal sealed class SoakTally
{
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly ConcurrentQueue<string> _wrong = new();

    /// <summary>What must not have happened.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    /// <summary>Counts one more of a kind, or several.</summary>
    public void Add(string kind, long more = 1) => _counts.AddOrUpdate(kind, more, (_, count) => count + more);

    /// <summary>Keeps the highest value of a kind.</summary>
    public void Highest(string kind, long value) =>
        _counts.AddOrUpdate(kind, value, (_, highest) => Math.Max(highest, value));

    /// <summary>Says that something was wrong.</summary>
    public void Fault(string what) => _wrong.Enqueue(what);

    /// <summary>All kinds, sorted by their names.</summary>
    public IEnumerable<(string Kind, long Count)> All() =>
        _counts.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value));
}
