namespace Lepton.Coordination.Client;

/// <summary>What a read found.</summary>
/// <param name="Revision">The store's revision when it was read. Watching from the next one misses nothing.</param>
/// <param name="Entries">The keys, in the order that was asked for.</param>
/// <param name="Count">How many keys the range holds, whatever the limit and the bounds on revisions.</param>
/// <param name="More">Whether the limit left keys out.</param>
public sealed record RangeResult(Revision Revision, IReadOnlyList<KeyValue> Entries, long Count, bool More);
