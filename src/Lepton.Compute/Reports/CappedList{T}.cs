namespace Lepton.Compute.Reports;

/// <summary>Keeps the first things added and counts the rest, so that a report of any log fits in memory.</summary>
internal sealed class CappedList<T>(int countMax)
{
    private readonly List<T> _items = [];
    private long _total;

    public void Add(T item)
    {
        _total++;
        if (_items.Count < countMax)
        {
            _items.Add(item);
        }
    }

    public Capped<T> ToCapped() => new([.. _items], _total);
}
