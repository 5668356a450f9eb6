namespace Lepton.Coordination.State;

/// <summary>Why a command, or a read, has no result. The services give each the code and text that etcd
/// gives.</summary>
internal enum CommandFailure
{
    /// <summary>It has one.</summary>
    None,

    /// <summary>A revision that it needs is compacted.</summary>
    Compacted,

    /// <summary>A revision that it needs is in the future.</summary>
    FutureRevision,

    /// <summary>The value or the lease of a key was to be kept, and there is no such key.</summary>
    KeyNotFound,

    /// <summary>There is no such lease.</summary>
    LeaseNotFound,

    /// <summary>A lease with that id is there already.</summary>
    LeaseExists,

    /// <summary>The time is longer than a lease can have.</summary>
    LeaseTtlTooLarge,

    /// <summary>The alarm NOSPACE is on: nothing that makes the store larger is carried out.</summary>
    NoSpace,

    /// <summary>The alarm CORRUPT is on: nothing is carried out.</summary>
    Corrupt,
}
