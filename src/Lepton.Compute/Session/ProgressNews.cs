namespace Lepton.Compute.Session;

/// <summary>
/// Tells the user's code how far a job is: now and then while it runs, and when a result of it is whole. Used by the
/// scheduler's thread alone.
/// </summary>
internal sealed class ProgressNews(
    IProgress<JobProgress>? listener, JobEnding ending, SessionJournal journal, Func<int> workers)
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(100);
    private TimeSpan _nextAt;

    /// <summary>Tells of the jobs that run, unless something was told a moment ago.</summary>
    public void Tick(IReadOnlyCollection<ActionRun> running, TimeSpan now)
    {
        if (now < _nextAt)
        {
            return;
        }

        _nextAt = now + TellEvery;

        // A copy: what a listener throws ends its job, which leaves the list.
        foreach (ActionRun action in running.ToList())
        {
            Tell(action);
        }
    }

    /// <summary>Tells of a job. What the listener throws ends it.</summary>
    public void Tell(ActionRun action)
    {
        if (listener is not null)
        {
            JobProgress now = action.Progress(journal.RetryCount, workers());
            ending.Tell(action, now, listener, static (told, _, now) => told.Report(now));
        }
    }
}
