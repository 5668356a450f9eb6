namespace Lepton.Objects;

/// <summary>
/// An object store refused, or could not be reached. The message names the object, what was wrong, and what to do.
/// </summary>
public sealed class ObjectException : IOException
{
    public ObjectException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Which kind of reason there was.</summary>
    public ObjectFailure Failure { get; init; }

    /// <summary>Whether the object, or its bucket, is not there.</summary>
    public bool IsNotFound => Failure is ObjectFailure.NotFound;
}
