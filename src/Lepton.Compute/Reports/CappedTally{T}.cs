namespace Lepton.Compute.Reports;

/// <summary>
/// Counts things of the same key. The first keys are kept; what comes under later ones is counted as "others", so that
/// texts that are all different can't fill the memory.
/// </summary>
internal sealed class CappedTally<T>(int keysMax)
    where T : notnull
{
    private readonly Dictionary<T, int> _places = [];
    private readonly List<(T Key, long Count)> _counts = [];

    /// <summary>What was counted under keys that were not kept.</summary>
    public long Others { get; private set; }

    public void Add(T key, long count = 1)
    {
        if (_places.TryGetValue(key, out int place))
        {
            _counts[place] = (key, _counts[place].Count + count);
        }
        else if (_counts.Count < keysMax)
        {
            _places.Add(key, _counts.Count);
            _counts.Add((key, count));
        }
        else
        {
            Others += count;
        }
    }

    /// <summary>The keys, the most frequent first; those of one count in the order in which they came.</summary>
    public IReadOnlyList<(T Key, long Count)> ByCount() => [.. _counts.OrderByDescending(entry => entry.Count)];
}
