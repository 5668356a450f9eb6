namespace Lepton.Compute.Shuffle;

/// <summary>
/// How a <see cref="ProbingTable{TKey,TProbe,TState,TProbing}"/> tells keys apart. A struct, so that the table's loops
/// are compiled with it in them.
/// </summary>
internal interface IProbing<TKey, TProbe>
    where TProbe : struct
{
    /// <summary>What stands in the entry of a key, to be compared at a glance.</summary>
    TProbe Probe(TKey key);

    /// <summary>As <see cref="Probe"/>, without a call: false where that takes one.</summary>
    bool TryProbe(TKey key, out TProbe probe);

    /// <summary>
    /// Seeded with random bits, so that nobody can write keys that collide. Its highest bits are the best mixed.
    /// </summary>
    uint Hash(in TProbe probe);

    bool Matches(in TProbe first, in TProbe second);

    /// <summary>Whether keys are equal where their probes match.</summary>
    bool IsWhole(in TProbe probe);

    /// <summary>The key as the table keeps it: without what it may hold on to beside itself.</summary>
    TKey Own(TKey key);
}
