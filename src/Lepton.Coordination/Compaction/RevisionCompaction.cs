namespace Lepton.Coordination.Compaction;

/// <summary>
/// Keeps a number of revisions: every five minutes, as in etcd, compacts at the revision that lies so far behind the
/// latest one.
/// </summary>
/// <param name="retention">How many revisions are kept.</param>
internal sealed class RevisionCompaction(long retention) : ICompactionPolicy
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RetryInterval = Interval / 10;
    private TimeSpan? _due;
    private long _last;

    public long? Look(TimeSpan now, long revision)
    {
        _due ??= now + Interval;
        if (now < _due)
        {
            return null;
        }

        if (revision - retention > _last)
        {
            return revision - retention;
        }

        _due = now + Interval;
        return null;
    }

    public void Tried(TimeSpan now, long revision, bool isDone)
    {
        _due = now + (isDone ? Interval : RetryInterval);
        if (isDone)
        {
            _last = revision;
        }
    }
}
