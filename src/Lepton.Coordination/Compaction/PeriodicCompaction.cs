namespace Lepton.Coordination.Compaction;

/// <summary>
/// Keeps the history of a period at least: compacts at the revision that was the latest one a period ago. As etcd has
/// it, it compacts once in a period, or once in an hour where the period is longer, and notes the revision ten times
/// in between.
/// </summary>
/// <param name="period">How long history is kept at least.</param>
internal sealed class PeriodicCompaction(TimeSpan period) : ICompactionPolicy
{
    private static readonly TimeSpan IntervalMax = TimeSpan.FromHours(1);
    private const int NotesPerInterval = 10;
    private readonly TimeSpan _interval = period < IntervalMax ? period : IntervalMax;
    private readonly Queue<(TimeSpan Time, long Revision)> _notes = new();
    private TimeSpan? _nextNote;
    private TimeSpan _due;
    private long _last;

    private TimeSpan Between => _interval / NotesPerInterval;

    public long? Look(TimeSpan now, long revision)
    {
        _nextNote ??= now;
        if (now >= _nextNote)
        {
            _notes.Enqueue((now, revision));
            _nextNote = now + Between;
        }

        // The newest note that is old enough is the one that counts; those before it are not needed any more.
        while (_notes.Count > 1 && _notes.ElementAt(1).Time <= now - period)
        {
            _notes.Dequeue();
        }

        (TimeSpan time, long noted) = _notes.Peek();
        return now >= _due && time <= now - period && noted > _last ? noted : null;
    }

    public void Tried(TimeSpan now, long revision, bool isDone)
    {
        _due = now + (isDone ? _interval : Between);
        if (isDone)
        {
            _last = revision;
        }
    }
}
