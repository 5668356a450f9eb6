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

    /// <summary>Tells of a job that runs, unless something was told a moment ago.</summary>
    public void Tick(ActionRun action, TimeSpan now)
    {
        if (now >= _nextAt)
        {
            _nextAt = now + TellEvery;
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
