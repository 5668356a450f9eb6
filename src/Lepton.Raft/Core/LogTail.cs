using Lepton.Core;

namespace Lepton.Raft.Core;

/// <summary>
/// The end of the log in memory: what is not yet durable, and behind it what was lately, so that followers close behind
/// and the state machine need no disk. Below <see cref="First"/> the disk alone speaks; from there on, this does.
/// </summary>
internal sealed class LogTail(LogIndex lastDurable)
{
    private readonly Queue<Write> _writes = new();
    private LogEntry[] _ring = new LogEntry[64];
    private int _start;
    private int _count;
    private long _bytes;

    /// <summary>The first entry held; one past <see cref="Last"/> where there is none.</summary>
    public LogIndex First { get; private set; } = lastDurable.Next;

    /// <summary>The last entry of the log.</summary>
    public LogIndex Last => First + (_count - 1);

    /// <summary>Up to here the log is on this node's disk.</summary>
    public LogIndex Durable { get; private set; } = lastDurable;

    /// <summary>Up to here entries were given to the host to write.</summary>
    public LogIndex Handed { get; private set; } = lastDurable;

    /// <summary>The entry at an index from <see cref="First"/> to <see cref="Last"/>.</summary>
    public LogEntry this[LogIndex index] => _ring[(_start + (int)(index - First)) & (_ring.Length - 1)];

    public void Append(LogEntry entry)
    {
        Invariant.Check(entry.Index == Last.Next);
        if (_count == _ring.Length)
        {
            Grow();
        }

        _ring[(_start + _count) & (_ring.Length - 1)] = entry;
        _count++;
        _bytes += entry.Data.Length;
    }

    /// <summary>Forgets the entries from <paramref name="from"/> on, which a leader replaces.</summary>
    public void Truncate(LogIndex from)
    {
        if (from <= First)
        {
            Clear();
            First = from;
        }

        while (Last >= from)
        {
            _count--;
            int last = (_start + _count) & (_ring.Length - 1);
            _bytes -= _ring[last].Data.Length;
            _ring[last] = null!;
        }

        Durable = Min(Durable, from.Previous);
        Handed = Min(Handed, from.Previous);

        // A write that is still under way says nothing about what comes to stand in the place of what it wrote, even
        // where the very same entry comes back.
        for (int i = _writes.Count; i > 0; i--)
        {
            Write write = _writes.Dequeue();
            _writes.Enqueue(write with { Last = Min(write.Last, from.Previous) });
        }
    }

    /// <summary>Starts anew behind a snapshot.</summary>
    public void Reset(LogIndex snapshot)
    {
        Clear();
        First = snapshot.Next;
        Durable = snapshot;
        Handed = snapshot;
        _writes.Clear();
    }

    /// <summary>
    /// The entries that the host has not yet been given; they count as given in write <paramref name="number"/>.
    /// </summary>
    public LogEntry[] Hand(long number)
    {
        if (Handed == Last)
        {
            return [];
        }

        LogEntry[] entries = Copy(Handed.Next, Last.Next);
        Handed = Last;
        _writes.Enqueue(new Write(number, Last));
        return entries;
    }

    /// <summary>All writes up to a number are on the disk.</summary>
    public void Acknowledge(long number)
    {
        while (_writes.TryPeek(out Write write) && write.Number <= number)
        {
            _writes.Dequeue();
            Durable = write.Last > Durable ? write.Last : Durable;
        }
    }

    /// <summary>What was given is not on the disk, and will be given again.</summary>
    public void TakeBack()
    {
        _writes.Clear();
        Handed = Durable;
    }

    /// <summary>Drops old entries that the disk has too, while there are more bytes than wanted.</summary>
    public void Trim(LogIndex delivered, long bytesMax)
    {
        LogIndex droppable = Min(Durable, delivered);
        while (_count > 0 && _bytes > bytesMax && First <= droppable)
        {
            _bytes -= _ring[_start].Data.Length;
            _ring[_start] = null!;
            _start = (_start + 1) & (_ring.Length - 1);
            _count--;
            First = First.Next;
        }
    }

    /// <summary>
    /// Entries from <paramref name="from"/> on, below <paramref name="to"/>: at least one, then by bytes.
    /// </summary>
    public LogEntry[] Read(LogIndex from, LogIndex to, long bytesMax)
    {
        long bytes = this[from].Data.Length;
        LogIndex end = from.Next;
        while (end < to && bytes + this[end].Data.Length <= bytesMax)
        {
            bytes += this[end].Data.Length;
            end = end.Next;
        }

        return Copy(from, end);
    }

    private LogEntry[] Copy(LogIndex from, LogIndex to)
    {
        if (from == to)
        {
            return [];
        }

        LogEntry[] entries = new LogEntry[to - from];
        int first = (_start + (int)(from - First)) & (_ring.Length - 1);
        int straight = Math.Min(entries.Length, _ring.Length - first);
        Array.Copy(_ring, first, entries, 0, straight);
        Array.Copy(_ring, 0, entries, straight, entries.Length - straight);
        return entries;
    }

    private void Grow()
    {
        LogEntry[] larger = new LogEntry[_ring.Length * 2];
        Copy(First, Last.Next).CopyTo(larger, 0);
        _ring = larger;
        _start = 0;
    }

    private void Clear()
    {
        Array.Clear(_ring);
        _start = 0;
        _count = 0;
        _bytes = 0;
    }

    private static LogIndex Min(LogIndex left, LogIndex right) => left < right ? left : right;

    /// <summary>A write under way, and the last entry that its end makes durable.</summary>
    private readonly record struct Write(long Number, LogIndex Last);
}
