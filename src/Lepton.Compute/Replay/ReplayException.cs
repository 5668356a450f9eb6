namespace Lepton.Compute.Replay;

/// <summary>A task can't be run again; the message says why, and what to do.</summary>
public sealed class ReplayException : Exception
{
    internal ReplayException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
