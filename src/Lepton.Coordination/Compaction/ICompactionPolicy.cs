namespace Lepton.Coordination.Compaction;

/// <summary>
/// Says when to compact, and up to which revision. Every member asks its own at short intervals, so that it has seen
/// enough when it becomes the leader; only the leader carries out what it says. Pure; used by one thread.
/// </summary>
internal interface ICompactionPolicy
{
    /// <summary>Time has passed.</summary>
    /// <param name="now">The time, from any beginning.</param>
    /// <param name="revision">The store's revision.</param>
    /// <returns>The revision to compact at; null where nothing is due.</returns>
    long? Look(TimeSpan now, long revision);

    /// <summary>What was due has been tried.</summary>
    /// <param name="now">The time.</param>
    /// <param name="revision">The revision that was due.</param>
    /// <param name="isDone">Whether history up to there is compacted now; where not, it is due again soon.</param>
    void Tried(TimeSpan now, long revision, bool isDone);
}
