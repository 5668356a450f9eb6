namespace Lepton.Simulation.World;

/// <summary>How often each fault really struck. Used by one thread.</summary>
internal sealed class FaultCounts
{
    private readonly long[] _hits = new long[Enum.GetValues<Fault>().Length];

    /// <summary>The faults that have not struck.</summary>
    public IEnumerable<Fault> Missing => Enum.GetValues<Fault>().Where(fault => _hits[(int)fault] == 0);

    public void Hit(Fault fault) => _hits[(int)fault]++;

    public void Add(FaultCounts other)
    {
        for (int i = 0; i < _hits.Length; i++)
        {
            _hits[i] += other._hits[i];
        }
    }

    public override string ToString() =>
        string.Join(", ", Enum.GetValues<Fault>().Select(fault => $"{fault} {_hits[(int)fault]}"));
}
