using Lepton.Compute.Functions;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// The default order of keys: as <see cref="Comparer{T}.Default"/>, but strings by their UTF-16 code units (ordinal),
/// since a
/// language's order differs from machine to machine.
/// </summary>
internal sealed class KeyComparer<TKey>(bool descending) : IComparer<TKey>, ISendable
{
    public bool Descending { get; } = descending;

    public int Compare(TKey? x, TKey? y)
    {
        int order = typeof(TKey) == typeof(string)
            ? string.CompareOrdinal((string?)(object?)x, (string?)(object?)y)
            : Comparer<TKey>.Default.Compare(x, y);
        return Descending ? -Math.Sign(order) : order;
    }
}
