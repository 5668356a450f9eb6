namespace Lepton.Coordination.Store;

/// <summary>Why a read at a revision has no result.</summary>
internal enum ReadFailure
{
    /// <summary>It has one.</summary>
    None,

    /// <summary>The revision is compacted.</summary>
    Compacted,

    /// <summary>The store has not come to that revision yet.</summary>
    FutureRevision,
}
