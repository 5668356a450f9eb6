namespace Lepton.Coordination.Client;

/// <summary>Why an operation failed.</summary>
public enum CoordinationFailure
{
    /// <summary>No server could be reached, or none could answer. The operation has certainly not taken
    /// effect.</summary>
    Unavailable,

    /// <summary>The time for a read was over before an answer came.</summary>
    DeadlineExceeded,

    /// <summary>A write went out and no answer came back: it may or may not have taken effect, now or later.</summary>
    OutcomeUnknown,

    /// <summary>What was asked for lies before the store's history, which was compacted.</summary>
    Compacted,

    /// <summary>A revision was asked for that the store has not reached.</summary>
    FutureRevision,

    /// <summary>There is no such lease, or no more.</summary>
    LeaseNotFound,

    /// <summary>A lease with this id is there already.</summary>
    LeaseExists,

    /// <summary>The store is full: its quota of bytes is used up.</summary>
    NoSpace,

    /// <summary>The request, or its answer, is larger than a limit.</summary>
    TooLarge,

    /// <summary>The server has too much to do, and has not begun this.</summary>
    Overloaded,

    /// <summary>The request makes no sense, whatever the state of the store.</summary>
    InvalidRequest,

    /// <summary>What it is about is not there, or not in the state that it needs.</summary>
    Refused,

    /// <summary>The server does not let this caller do this.</summary>
    Denied,

    /// <summary>The server does not know this operation.</summary>
    Unsupported,

    /// <summary>The server broke.</summary>
    ServerFault,
}
