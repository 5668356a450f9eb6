using Lepton.Compute.Functions;

namespace Lepton.Compute.Shuffle;

/// <summary>The opposite of the user's order.</summary>
internal sealed class ReversedComparer<TKey>(IComparer<TKey> order) : IComparer<TKey>
{
    public int Compare(TKey? x, TKey? y) => order.Compare(y, x);
}
