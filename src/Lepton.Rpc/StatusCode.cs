namespace Lepton.Rpc;

/// <summary>How a call ended, with gRPC's numbers (gRPC, "Status codes and their use in gRPC").</summary>
public enum StatusCode
{
    /// <summary>The call succeeded.</summary>
    OK = 0,

    /// <summary>The caller cancelled the call.</summary>
    Cancelled = 1,

    /// <summary>An error of which nothing more is known, such as an exception that a handler did not expect.</summary>
    Unknown = 2,

    /// <summary>An argument is wrong whatever the state of the system.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed before the call ended.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What should be created exists.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A quota, a size limit or some other resource is used up.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in the state that the call needs; retrying alone will not help.</summary>
    FailedPrecondition = 9,

    /// <summary>The call lost a race; the caller may retry at a higher level.</summary>
    Aborted = 10,

    /// <summary>Past the end of a valid range.</summary>
    OutOfRange = 11,

    /// <summary>The callee does not know the service, the method or the encoding.</summary>
    Unimplemented = 12,

    /// <summary>A broken frame, a message that can't be parsed, or a broken invariant.</summary>
    Internal = 13,

    /// <summary>The callee can't be reached at the moment; a retry may help.</summary>
    Unavailable = 14,

    /// <summary>Data was lost or is corrupt beyond repair.</summary>
    DataLoss = 15,

    /// <summary>The call carries no valid proof of who calls.</summary>
    Unauthenticated = 16,
}
