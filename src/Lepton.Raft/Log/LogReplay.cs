namespace Lepton.Raft.Log;

/// <summary>
/// Makes one log out of what was found on the disk, in the order in which it was written. Each batch states the entry
/// it follows: by the log matching property (Raft paper §5.3) equal index and term mean equal logs up to there, so a
/// batch behind a lost part joins what is known exactly where that is right.
/// </summary>
internal sealed class LogReplay
{
    private readonly List<Run> _runs = [];
    private HardState _hardState;
    private LogDamage? _declared;
    private LogIndex _known;
    private bool _endsInGap;
    private bool _hardStateLost;

    /// <summary>
    /// Whether entries that were written since make up for damage. Where the end of the log is lost, nobody knows how
    /// far it went; once a leader has committed an entry of the node's own term, all that ever was committed is at or
    /// before it.
    /// </summary>
    public static bool IsRepaired(LogDamage damage, EntryTable table, HardState hardState) =>
        table.Last >= damage.LastIndex
        && (!damage.HardStateLost
            || (hardState.Commit >= damage.FirstIndex && table.TermOf(hardState.Commit) == hardState.Term));

    /// <summary>Takes a segment's statement of the log up to it.</summary>
    public void OnSegment(SegmentHeader header)
    {
        Join(header.LastIndex, header.LastTerm);
        _declared = header.Damage;
        _known = header.LastIndex;
        Learn(header.HardState);
    }

    /// <summary>Takes a batch.</summary>
    public void OnBatch(in BatchHeader header, in BatchPlace place, ReadOnlySpan<long> terms)
    {
        Join(header.PreviousIndex, header.PreviousTerm);
        EntryTable table = _runs[^1].Table;
        table.Append(place, terms);
        _known = table.Last;
        Learn(header.HardState);
        if (_declared is { } damage && IsRepaired(damage, table, header.HardState))
        {
            _declared = null;
        }
    }

    /// <summary>Something that was on the disk can't be read.</summary>
    public void OnGap()
    {
        _endsInGap = true;
        _hardStateLost = true;
    }

    /// <summary>
    /// The head of a batch was found whose entries can't be read; all that was written before it is in it.
    /// </summary>
    public void OnHint(in BatchHeader header)
    {
        _known = Max(_known, header.LastIndex);
        _hardState = header.HardState with { Commit = _hardState.Commit };
        _hardStateLost = false;
    }

    /// <summary>The log behind <paramref name="snapshot"/>.</summary>
    public (EntryTable Table, HardState HardState, LogDamage? Damage) Finish(SnapshotMeta snapshot)
    {
        int chosen = _runs.FindLastIndex(run => run.Table.Base <= snapshot.Index);
        Run run = chosen >= 0 ? _runs[chosen] : new Run(new EntryTable(snapshot.Index, snapshot.Term), snapshot.Index);
        if (run.Table.TermOf(snapshot.Index) != snapshot.Term)
        {
            run = new Run(new EntryTable(snapshot.Index, snapshot.Term), snapshot.Index);
        }

        EntryTable table = run.Table;
        bool declared = _declared is { } open && (open.HardStateLost || open.LastIndex > snapshot.Index);
        bool broken = _runs.Count > 0 && chosen < _runs.Count - 1;
        LogDamage? damage = null;
        LogIndex commit = _hardState.Commit;
        if (declared || broken || _endsInGap)
        {
            LogIndex last = Max(Max(_known, _declared?.LastIndex ?? default), table.Last.Next);
            damage = new LogDamage(table.Last.Next, last, _hardStateLost || (declared && _declared!.HardStateLost));
            // What was known to be committed when the readable part ended can't have been replaced in the lost one.
            commit = Min(commit, run.Commit);
        }

        commit = Max(Min(commit, table.Last), snapshot.Index);
        return (table, _hardState with { Commit = commit }, damage);
    }

    private static LogIndex Max(LogIndex left, LogIndex right) => left > right ? left : right;

    private static LogIndex Min(LogIndex left, LogIndex right) => left < right ? left : right;

    private void Join(LogIndex index, Term term)
    {
        _endsInGap = false;
        for (int i = _runs.Count - 1; i >= 0; i--)
        {
            if (_runs[i].Table.TermOf(index) == term)
            {
                _runs.RemoveRange(i + 1, _runs.Count - i - 1);
                _runs[i].Table.Truncate(index);
                return;
            }
        }

        _runs.Add(new Run(new EntryTable(index, term), index));
    }

    private void Learn(HardState state)
    {
        _hardState = state;
        _hardStateLost = false;
        _runs[^1].Commit = state.Commit;
    }

    private sealed class Run(EntryTable table, LogIndex commit)
    {
        public EntryTable Table => table;

        public LogIndex Commit { get; set; } = commit;
    }
}
