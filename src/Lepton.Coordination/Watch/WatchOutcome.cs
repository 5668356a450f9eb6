namespace Lepton.Coordination.Watch;

/// <summary>What reading a watcher gave.</summary>
internal enum WatchOutcome
{
    /// <summary>Nothing: wait until the sink is told.</summary>
    Waiting,

    /// <summary>Changes, whole revisions, in order.</summary>
    Changes,

    /// <summary>Nothing yet, but more history is to be looked through: read again, after others had their
    /// turn.</summary>
    Again,

    /// <summary>The next revision that the watcher needs is compacted. It is over.</summary>
    Compacted,

    /// <summary>It was cancelled.</summary>
    Cancelled,
}
