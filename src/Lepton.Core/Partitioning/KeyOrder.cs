namespace Lepton.Core.Partitioning;

/// <summary>The order of keys where the caller gave none.</summary>
internal static class KeyOrder
{
    /// <summary>Strings compare ordinally: the default comparer would ask the machine's culture.</summary>
    public static IComparer<TKey> Of<TKey>(IComparer<TKey>? comparer)
    {
        if (comparer is not null)
        {
            return comparer;
        }

        return typeof(TKey) == typeof(string)
            ? (IComparer<TKey>)(object)StringComparer.Ordinal
            : Comparer<TKey>.Default;
    }
}
