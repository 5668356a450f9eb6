using Lepton.Objects;

namespace Lepton.Compute.Formats;

/// <summary>
/// An object store refuses what a job reads or writes: there is no such bucket, no key or one that may not, or an
/// object was replaced while the job ran. The message says which, and what to do.
/// </summary>
public sealed class StoreRefusedException : SourceException, IExitCode
{
    internal StoreRefusedException(string url, string message)
        : base(message) => Url = url;

    /// <summary>The object, or the folder of some.</summary>
    public string Url { get; }

    /// <summary>That of a file which can't be read.</summary>
    public int ExitCode => ExitCodes.MissingFile;

    /// <summary>
    /// What a job is told of a store's failure: itself where trying again may help, or the store is full; otherwise one
    /// of these. What the client's own exception holds of the store's answer stays behind.
    /// </summary>
    internal static IOException Of(ObjectUrl url, ObjectException e) => e.Failure switch
    {
        ObjectFailure.Other or ObjectFailure.Full => e,
        ObjectFailure.NotFound => new SourceNotFoundException(url.ToString(), e.Message),
        _ => new StoreRefusedException(url.ToString(), e.Message),
    };
}
