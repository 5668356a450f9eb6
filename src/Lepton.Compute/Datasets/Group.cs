namespace Lepton.Compute.Datasets;

/// <summary>The records that share a key, all in memory: <see cref="IGrouping{TKey,TElement}"/> that can cross a
/// wire.</summary>
public sealed class Group<TKey, T>(TKey key, List<T> items) : IGrouping<TKey, T>, IReadOnlyList<T>
{
    private readonly TKey _key = key;
    private readonly List<T> _items = items;

    /// <inheritdoc/>
    public TKey Key => _key;

    /// <summary>Records in the group.</summary>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public T this[int index] => _items[index];

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => _items.GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
