using Lepton.Core;
using Lepton.Raft.Disk;

namespace Lepton.Raft.Log;

/// <summary>
/// A log in segments of a fixed, pre-allocated size. Whatever is appended goes behind what is there, never over it:
/// entries that replace others are written behind them, so that a crash can only leave something unfinished at the very
/// end. Used by one thread. The format, and why it is so: docs/decisions/2026-11-27-raft-log-format.md.
/// </summary>
/// <remarks>
/// After any <see cref="DiskFailedException"/> every further write is refused: what the disk holds is not known any
/// more.
/// </remarks>
public sealed class SegmentedLog : IRaftLog
{
    private static readonly IReadOnlyList<LogEntry> s_noEntries = [];
    private readonly IDisk _disk;
    private readonly SegmentWriter _writer;
    private readonly BatchFetcher _fetcher;
    private EntryTable _table;
    private HardState _hardState;
    private LogDamage? _damage;

    private SegmentedLog(
        IDisk disk, LogIdentity identity, SnapshotMeta snapshot, SegmentedLogOptions options, RecoveredLog found)
    {
        _disk = disk;
        _writer = new SegmentWriter(disk, identity, options, found);
        _fetcher = new BatchFetcher(disk, _writer);
        _table = found.Table;
        _hardState = found.HardState;
        _damage = found.Damage;
        Snapshot = snapshot;
    }

    /// <inheritdoc/>
    public SnapshotMeta Snapshot { get; private set; }

    /// <inheritdoc/>
    public LogIndex FirstIndex => _table.Base.Next;

    /// <inheritdoc/>
    public LogIndex LastIndex => _table.Last;

    /// <inheritdoc/>
    public HardState HardState => _hardState;

    /// <inheritdoc/>
    public LogDamage? Damage => _damage;

    /// <summary>Whether the directory holds nothing of a log: nothing was ever written to it, or it is lost.</summary>
    public bool IsEmpty => SegmentCount == 0;

    /// <summary>Segments on the disk.</summary>
    internal int SegmentCount => _writer.SegmentCount;

    /// <summary>
    /// Opens the log of a directory; an empty one where there is none. Everything that can be read afterwards is on the
    /// disk for good, whatever the process that wrote it came to.
    /// </summary>
    /// <param name="disk">The directory; it stays the caller's.</param>
    /// <param name="identity">Whose log it is.</param>
    /// <param name="snapshot">The newest snapshot that can be used, or <see cref="SnapshotMeta.None"/>.</param>
    /// <param name="options">How it lies on the disk; the defaults where null.</param>
    /// <exception cref="DataDirectoryException">
    /// The log is another node's, another cluster's or of a newer format.
    /// </exception>
    /// <exception cref="DiskFailedException">What was read can't be put on the disk.</exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static SegmentedLog Open(
        IDisk disk, LogIdentity identity, SnapshotMeta snapshot, SegmentedLogOptions? options = null)
    {
        options ??= new SegmentedLogOptions();
        options.Validate();
        RecoveredLog found = new LogRecovery(disk, identity, snapshot).Read();
        SegmentedLog log = new(disk, identity, snapshot, options, found);
        try
        {
            log._writer.MakeDurable(found.UnsureSector);
            return log;
        }
        catch (Exception)
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes the log of a node that begins with a snapshot, such as one restored from a backup, and makes it durable.
    /// </summary>
    /// <exception cref="DataDirectoryException">There is a log already.</exception>
    /// <exception cref="DiskFullException">There is no room for it.</exception>
    public static SegmentedLog Create(
        IDisk disk,
        LogIdentity identity,
        SnapshotMeta snapshot,
        HardState hardState,
        SegmentedLogOptions? options = null)
    {
        if (disk.List().Any(name => SegmentHeader.SequenceOf(name) is not null))
        {
            throw new DataDirectoryException(
                $"{disk.Path} holds a log already. A node that starts from a snapshot needs an empty data directory.");
        }

        options ??= new SegmentedLogOptions();
        options.Validate();
        RecoveredLog nothing = new(
            [], new EntryTable(snapshot.Index, snapshot.Term), default, null, 0, 0, 0, 0, 0, null);
        SegmentedLog log = new(disk, identity, snapshot, options, nothing);
        try
        {
            log.Append(s_noEntries, hardState with { Commit = Max(hardState.Commit, snapshot.Index) });
            log.Sync();
            return log;
        }
        catch (Exception)
        {
            log.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Term? TermOf(LogIndex index) => _table.TermOf(index);

    /// <inheritdoc/>
    public IReadOnlyList<LogEntry> Read(LogIndex from, LogIndex to, long bytesMax)
    {
        if (from <= _table.Base || from >= to || to > LastIndex.Next)
        {
            throw new ArgumentOutOfRangeException(
                nameof(from),
                from,
                $"Entries {from} to {to.Previous} were asked for, and the log holds {FirstIndex} to {LastIndex}.");
        }

        List<LogEntry> entries = [];
        long bytes = 0;
        for (LogIndex index = from; index < to; index = index.Next)
        {
            LogEntry entry = _fetcher.Get(_table, index);
            bytes += entry.Data.Length;
            if (entries.Count > 0 && bytes > bytesMax)
            {
                break;
            }

            entries.Add(entry);
        }

        return entries;
    }

    /// <inheritdoc/>
    public void Append(IReadOnlyList<LogEntry> entries, HardState? hardState)
    {
        HardState next = hardState ?? _hardState;
        if (entries.Count == 0 && next == _hardState)
        {
            return;
        }

        Check(entries);
        LogIndex previous = entries.Count > 0 ? entries[0].Index.Previous : LastIndex;
        BatchPlace place = _writer.Write(View(), previous, _table.TermOf(previous)!.Value, entries, next);
        _hardState = next;
        if (entries.Count == 0)
        {
            return;
        }

        _table.Truncate(previous);
        _fetcher.Forget();
        Span<long> terms = entries.Count <= 256 ? stackalloc long[entries.Count] : new long[entries.Count];
        for (int i = 0; i < entries.Count; i++)
        {
            terms[i] = entries[i].Term.Value;
        }

        _table.Append(place, terms);
    }

    /// <inheritdoc/>
    public void Sync()
    {
        _writer.Sync();
        if (_damage is { } damage && LogReplay.IsRepaired(damage, _table, _hardState))
        {
            _damage = null;
        }
    }

    /// <inheritdoc/>
    public void TakeSnapshot(SnapshotMeta snapshot, LogIndex keepFrom)
    {
        if (snapshot.Index < Snapshot.Index)
        {
            return;
        }

        Snapshot = snapshot;
        bool isOther = _table.TermOf(snapshot.Index) != snapshot.Term;
        if (isOther)
        {
            // Kept, its entries would be taken for those that the snapshot's log holds.
            _table = new EntryTable(snapshot.Index, snapshot.Term);
            _fetcher.Forget();
        }

        if (_hardState.Commit < snapshot.Index)
        {
            _hardState = _hardState with { Commit = snapshot.Index };
        }

        if (_damage is { HardStateLost: false } damage && snapshot.Index >= damage.LastIndex)
        {
            _damage = null;
        }

        DropSegments(keepFrom > snapshot.Index ? snapshot.Index : keepFrom, isOther);
    }

    /// <summary>Closes the files. What was not synced may or may not be there the next time.</summary>
    public void Dispose() => _writer.Dispose();

    private LogView View() => new(LastIndex, _table.LastTerm, _hardState, _damage);

    private static LogIndex Max(LogIndex left, LogIndex right) => left > right ? left : right;

    private void DropSegments(LogIndex keepFrom, bool stateView)
    {
        LogIndex firstKept = Max(keepFrom.Next, FirstIndex);
        ulong? needed = firstKept > LastIndex ? null : _table.SegmentOf(firstKept);
        if (!_writer.CanDropBefore(needed))
        {
            return;
        }

        try
        {
            if (stateView)
            {
                _writer.Write(View(), LastIndex, _table.LastTerm, s_noEntries, _hardState);
            }
        }
        catch (DiskFullException)
        {
            // What can't be stated must stay as it is; the next snapshot tries again.
            return;
        }

        // What replaces entries of these segments, or says where the log stands without them, must be durable before
        // they go.
        _writer.Sync();
        _table.DropBefore(_writer.DropBefore(needed));
        _fetcher.Forget();
    }

    private void Check(IReadOnlyList<LogEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        LogIndex previous = entries[0].Index.Previous;
        Term? term = _table.TermOf(previous);
        Invariant.Check(previous >= Snapshot.Index && term is not null);
        foreach (LogEntry entry in entries)
        {
            Invariant.Check(entry.Index == previous.Next && entry.Term >= term!.Value);
            previous = entry.Index;
            term = entry.Term;
        }
    }
}
