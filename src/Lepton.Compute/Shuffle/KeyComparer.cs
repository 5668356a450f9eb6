using Lepton.Compute.Functions;
using Lepton.Core.Partitioning;

namespace Lepton.Compute.Shuffle;

/// <summary>The default order of keys, <see cref="DefaultOrder"/>, or the reverse of it.</summary>
internal sealed class KeyComparer<TKey>(bool descending) : IComparer<TKey>
{
    public bool Descending { get; } = descending;

    public int Compare(TKey? x, TKey? y)
    {
        int order = DefaultOrder.Compare(x, y);
        return Descending ? -Math.Sign(order) : order;
    }
}
