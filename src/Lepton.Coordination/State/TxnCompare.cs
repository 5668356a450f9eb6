using Lepton.Coordination.Protocol;
using Lepton.Coordination.Store;

namespace Lepton.Coordination.State;

/// <summary>The comparisons of a transaction.</summary>
internal static class TxnCompare
{
    /// <summary>
    /// Whether a comparison holds for every key of its range. A key that is not there compares as one with all numbers
    /// 0, and has no value that anything could hold for.
    /// </summary>
    public static bool Holds(TxnView view, Compare compare)
    {
        var result = view.Range(new RangeQuery(Messages.ToRange(compare.Key, compare.RangeEnd)));
        if (result.Versions.Count == 0)
        {
            return compare.Target != Compare.Types.CompareTarget.Value && Fits(compare, Order(compare, null));
        }

        foreach (var version in result.Versions)
        {
            if (!Fits(compare, Order(compare, version)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Fits(Compare compare, int order) => compare.Result switch
    {
        Compare.Types.CompareResult.Equal => order == 0,
        Compare.Types.CompareResult.NotEqual => order != 0,
        Compare.Types.CompareResult.Greater => order > 0,
        Compare.Types.CompareResult.Less => order < 0,
        _ => true,
    };

    // The number of the union that the target does not name is unset, and reads as 0.
    private static int Order(Compare compare, KeyVersion? version) => compare.Target switch
    {
        Compare.Types.CompareTarget.Value => version!.Value.SequenceCompareTo(compare.Value.Span),
        Compare.Types.CompareTarget.Create => (version?.CreateRevision ?? 0).CompareTo(compare.CreateRevision),
        Compare.Types.CompareTarget.Mod => (version?.ModRevision ?? 0).CompareTo(compare.ModRevision),
        Compare.Types.CompareTarget.Lease => (version?.Lease ?? 0).CompareTo(compare.Lease),
        Compare.Types.CompareTarget.Version => (version?.Version ?? 0).CompareTo(compare.Version),
        _ => 0,
    };
}
