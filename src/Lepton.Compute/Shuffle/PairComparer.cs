using Lepton.Compute.Functions;

namespace Lepton.Compute.Shuffle;

/// <summary>Compares by the first key, then by the second: what <c>ThenBy</c> adds.</summary>
internal sealed class PairComparer<TFirst, TSecond>(IComparer<TFirst> first, IComparer<TSecond> second)
    : IComparer<KeyValuePair<TFirst, TSecond>>
{
    public int Compare(KeyValuePair<TFirst, TSecond> x, KeyValuePair<TFirst, TSecond> y)
    {
        int order = first.Compare(x.Key, y.Key);
        return order != 0 ? order : second.Compare(x.Value, y.Value);
    }
}
