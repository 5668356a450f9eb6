namespace Lepton.Coordination.Store;

/// <summary>What a range held.</summary>
/// <param name="Failure">Why there is no result; the rest is then empty.</param>
/// <param name="Versions">The keys that were wanted, in the order that was wanted.</param>
/// <param name="Count">All keys of the range, whatever the limit and the bounds on revisions.</param>
/// <param name="More">Whether the limit left some out.</param>
/// <param name="Revision">The store's revision as of the read.</param>
internal readonly record struct RangeResult(
    ReadFailure Failure, IReadOnlyList<KeyVersion> Versions, long Count, bool More, long Revision)
{
    /// <summary>No result.</summary>
    public static RangeResult Failed(ReadFailure failure, long revision) => new(failure, [], 0, false, revision);
}
