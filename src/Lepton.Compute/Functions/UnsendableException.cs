namespace Lepton.Compute.Functions;

/// <summary>
/// A lambda, or a value that it captured, can't be sent to a worker. Thrown before anything runs. The message names the
/// path from the lambda to what can't be sent, why, and what to do instead.
/// </summary>
public sealed class UnsendableException : Exception
{
    internal UnsendableException(string subject, IReadOnlyList<string> path, string reason)
        : base($"{subject} can't be sent to a worker: {string.Join(" → ", path)}. {reason}")
    {
        Path = path;
        Reason = reason;
    }

    /// <summary>
    /// From the lambda, outermost first, through the variables and fields, to what can't be sent; the last element ends
    /// with its type.
    /// </summary>
    public IReadOnlyList<string> Path { get; }

    /// <summary>Why it can't be sent, and what to do instead.</summary>
    public string Reason { get; }
}
