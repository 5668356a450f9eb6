namespace Lepton.Compute.Formats;

/// <summary>
/// Something is wrong with the data that a job reads or writes: it is not there, or not what it should be. Trying again
/// would not help, so tasks that throw it are not retried.
/// </summary>
public abstract class SourceException : IOException
{
    private protected SourceException(string message)
        : base(message)
    {
    }

    private protected SourceException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
