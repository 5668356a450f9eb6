namespace Lepton.Simulation.Checking;

/// <summary>
/// Compares what watches told with what the store did: each event once, in the order of revisions, none left out, none
/// invented (etcd's guarantees for watches: ordered, unique, reliable, atomic, resumable).
/// </summary>
public static class WatchChecker
{
    /// <summary>Checks what one watch told, over all its resumptions.</summary>
    /// <param name="happened">All changes of the watched keys, in order.</param>
    /// <param name="told">What the watch told, in the order in which it came.</param>
    /// <param name="fromRevision">Where the watch began.</param>
    /// <param name="uptoRevision">Up to where it must have told everything; what came later may be missing.</param>
    /// <returns>What is wrong; empty where nothing is.</returns>
    public static IReadOnlyList<string> Check(
        IReadOnlyList<WatchedEvent> happened, IReadOnlyList<WatchedEvent> told, long fromRevision, long uptoRevision)
    {
        List<string> wrong = [];
        for (int i = 1; i < told.Count; i++)
        {
            if ((told[i].Revision, told[i].Order).CompareTo((told[i - 1].Revision, told[i - 1].Order)) <= 0)
            {
                wrong.Add($"{told[i]} was told after {told[i - 1]}: not in order, or twice.");
            }
        }

        HashSet<WatchedEvent> real = [.. happened];
        HashSet<WatchedEvent> known = [.. told];
        wrong.AddRange(told.Where(e => !real.Contains(e)).Select(e => $"{e} was told and never happened."));
        wrong.AddRange(told.Where(e => e.Revision < fromRevision)
            .Select(e => $"{e} was told and lies before revision {fromRevision}, where the watch began."));
        wrong.AddRange(happened
            .Where(e => e.Revision >= fromRevision && e.Revision <= uptoRevision && !known.Contains(e))
            .Select(e => $"{e} happened and was not told."));
        return wrong;
    }

    /// <summary>
    /// Checks that no watch was ahead of what could be read: a linearizable read that begins after a watch has told of
    /// a revision is answered as of that revision or a later one.
    /// </summary>
    /// <param name="told">When watches told of which revisions, on a clock that all share.</param>
    /// <param name="reads">When each read began, and the revision as of which it was answered.</param>
    /// <returns>What is wrong; empty where nothing is.</returns>
    public static IReadOnlyList<string> CheckReads(
        IReadOnlyList<(long At, long Revision)> told, IReadOnlyList<(long BeganAt, long Revision)> reads)
    {
        List<string> wrong = [];
        Queue<(long At, long Revision)> ahead = new(told.OrderBy(telling => telling.At));
        long newest = 0;
        foreach ((long beganAt, long revision) in reads.OrderBy(read => read.BeganAt))
        {
            while (ahead.TryPeek(out (long At, long Revision) first) && first.At < beganAt)
            {
                newest = Math.Max(newest, ahead.Dequeue().Revision);
            }

            if (revision < newest)
            {
                wrong.Add($"The read that began at {beganAt} was answered as of revision {revision}, after a watch " +
                    $"had told of {newest}.");
            }
        }

        return wrong;
    }
}
