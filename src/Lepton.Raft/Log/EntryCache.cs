namespace Lepton.Raft.Log;

/// <summary>The newest entries, without a gap, in a bounded number of bytes.</summary>
internal sealed class EntryCache(long bytesMax)
{
    /// <summary>What an entry costs beside its data, roughly.</summary>
    private const int EntryBytes = 96;
    private LogEntry?[] _ring = new LogEntry?[64];
    private int _head;
    private int _count;
    private long _bytes;

    /// <summary>The first entry that is held; meaningless where there is none.</summary>
    public LogIndex First { get; private set; }

    /// <summary>Whether an entry is held.</summary>
    public bool Holds(LogIndex index) => _count > 0 && index >= First && index - First < _count;

    /// <summary>An entry that is held.</summary>
    public LogEntry Get(LogIndex index) => _ring[Slot((int)(index - First))]!;

    /// <summary>Adds an entry. Where it does not follow the last one, only it stays.</summary>
    public void Add(LogEntry entry)
    {
        if (_count > 0 && entry.Index != First + _count)
        {
            Clear();
        }

        if (_count == _ring.Length)
        {
            Grow();
        }

        if (_count == 0)
        {
            First = entry.Index;
        }

        _ring[Slot(_count)] = entry;
        _count++;
        _bytes += entry.Data.Length + EntryBytes;
        while (_bytes > bytesMax)
        {
            RemoveFirst();
        }
    }

    /// <summary>Forgets the entries after <paramref name="last"/>.</summary>
    public void Truncate(LogIndex last)
    {
        while (_count > 0 && First + (_count - 1) > last)
        {
            _count--;
            _bytes -= _ring[Slot(_count)]!.Data.Length + EntryBytes;
            _ring[Slot(_count)] = null;
        }
    }

    /// <summary>Forgets the entries up to <paramref name="index"/>.</summary>
    public void DropTo(LogIndex index)
    {
        while (_count > 0 && First <= index)
        {
            RemoveFirst();
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_ring);
        _count = 0;
        _head = 0;
        _bytes = 0;
    }

    private int Slot(int offset) => (_head + offset) & (_ring.Length - 1);

    private void RemoveFirst()
    {
        _bytes -= _ring[_head]!.Data.Length + EntryBytes;
        _ring[_head] = null;
        _head = Slot(1);
        _count--;
        First = First.Next;
    }

    private void Grow()
    {
        LogEntry?[] larger = new LogEntry?[_ring.Length * 2];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _ring[Slot(i)];
        }

        _ring = larger;
        _head = 0;
    }
}
