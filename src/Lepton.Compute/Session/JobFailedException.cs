namespace Lepton.Compute;

/// <summary>A job failed for a reason other than an exception of user code.</summary>
public sealed class JobFailedException(JobFailure reason, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The kind of failure.</summary>
    public JobFailure Reason { get; } = reason;
}
