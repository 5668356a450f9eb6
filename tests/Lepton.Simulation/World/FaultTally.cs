namespace Lepton.Simulation.World;

/// <summary>How often each fault of a kind really struck. Used by one thread.</summary>
internal class FaultTally<TFault>
    where TFault : struct, Enum
{
    private readonly SortedDictionary<TFault, long> _hits =
        new(Enum.GetValues<TFault>().ToDictionary(static fault => fault, static _ => 0L));

    /// <summary>The faults that have not struck.</summary>
    public IEnumerable<TFault> Missing => _hits.Where(static hit => hit.Value == 0).Select(static hit => hit.Key);

    public void Hit(TFault fault) => _hits[fault]++;

    public void Add(FaultTally<TFault> other)
    {
        foreach ((TFault fault, long hits) in other._hits)
        {
            _hits[fault] += hits;
        }
    }

    /// <summary>Those that have struck.</summary>
    public override string ToString() => string.Join(
        ", ", _hits.Where(static hit => hit.Value > 0).Select(static hit => $"{hit.Key} {hit.Value}"));
}
