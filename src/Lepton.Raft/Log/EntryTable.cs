using Lepton.Core;

namespace Lepton.Raft.Log;

/// <summary>
/// Which entries a log has, their terms, and where they lie. Knows nothing of files. Memory grows with the batches, not
/// with the bytes.
/// </summary>
internal sealed class EntryTable
{
    private readonly List<BatchPlace> _places = [];

    // The index from which on a term holds. The first one is the base, the entry before the first.
    private readonly List<(LogIndex From, Term Term)> _terms = [];

    public EntryTable(LogIndex baseIndex, Term baseTerm)
    {
        Base = baseIndex;
        Last = baseIndex;
        _terms.Add((baseIndex, baseTerm));
    }

    /// <summary>The entry before the first one; its term is known.</summary>
    public LogIndex Base { get; private set; }

    /// <summary>The last entry; the base where there is none.</summary>
    public LogIndex Last { get; private set; }

    /// <summary>The term of the last entry, or of the base.</summary>
    public Term LastTerm => _terms[^1].Term;

    /// <summary>The segment of the first entry; null where there is none.</summary>
    public ulong? FirstSegment => _places.Count > 0 ? _places[0].Segment : null;

    /// <summary>The term of an entry or of the base; null for any other.</summary>
    public Term? TermOf(LogIndex index)
    {
        if (index < Base || index > Last)
        {
            return null;
        }

        int low = 0;
        int high = _terms.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_terms[middle].From <= index)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _terms[low].Term;
    }

    /// <summary>Adds the entries of a batch behind the last one.</summary>
    public void Append(in BatchPlace place, ReadOnlySpan<long> terms)
    {
        Invariant.Check(place.Previous == Last && place.Records == terms.Length);
        if (terms.Length == 0)
        {
            return;
        }

        _places.Add(place);
        foreach (long value in terms)
        {
            Last = Last.Next;
            if (LastTerm.Value != value)
            {
                _terms.Add((Last, new Term(value)));
            }
        }
    }

    /// <summary>Forgets the entries after <paramref name="last"/>.</summary>
    public void Truncate(LogIndex last)
    {
        Invariant.Check(last >= Base && last <= Last);
        while (_places.Count > 0 && _places[^1].Previous >= last)
        {
            _places.RemoveAt(_places.Count - 1);
        }

        if (_places.Count > 0 && _places[^1].Last > last)
        {
            _places[^1] = _places[^1] with { Last = last };
        }

        while (_terms[^1].From > last)
        {
            _terms.RemoveAt(_terms.Count - 1);
        }

        Last = last;
    }

    /// <summary>Forgets the entries that lie in segments before <paramref name="segment"/>.</summary>
    public void DropBefore(ulong segment)
    {
        int count = 0;
        while (count < _places.Count && _places[count].Segment < segment)
        {
            count++;
        }

        if (count == 0)
        {
            return;
        }

        LogIndex baseIndex = count == _places.Count ? Last : _places[count].Previous;
        Term baseTerm = TermOf(baseIndex)!.Value;
        _places.RemoveRange(0, count);
        int terms = _terms.FindLastIndex(item => item.From <= baseIndex);
        _terms.RemoveRange(0, terms + 1);
        _terms.Insert(0, (baseIndex, baseTerm));
        Base = baseIndex;
    }

    /// <summary>The segment in which an entry lies.</summary>
    public ulong SegmentOf(LogIndex index) => Find(index).Segment;

    /// <summary>The batch in which an entry lies.</summary>
    public BatchPlace Find(LogIndex index)
    {
        Invariant.Check(index > Base && index <= Last);
        int low = 0;
        int high = _places.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_places[middle].Previous < index)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _places[low];
    }
}
