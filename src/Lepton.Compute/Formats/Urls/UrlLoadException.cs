namespace Lepton.Compute.Formats;

/// <summary>A URL could not be loaded.</summary>
public sealed class UrlLoadException(Uri url, int attempts, string cause, string advice, Exception? inner)
    : SourceException($"{url} could not be loaded in {attempts} {(attempts == 1 ? "attempt" : "attempts")}: {cause}. " +
    $"{advice}", inner)
{
    /// <summary>The URL.</summary>
    public Uri Url { get; } = url;

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; } = attempts;

    /// <summary>What was wrong with the last attempt.</summary>
    public string LastCause { get; } = cause;
}
