namespace Lepton.Compute.Formats;

/// <summary>How one attempt ended: with the body, or with a cause.</summary>
/// <param name="Body">The body, where it succeeded.</param>
/// <param name="Cause">What was wrong, where it failed.</param>
/// <param name="CanRetry">Whether another attempt may help.</param>
/// <param name="RetryAfter">How long the server asked to wait.</param>
/// <param name="Exception">The exception, if there was one.</param>
internal sealed record UrlAttempt(byte[]? Body, string Cause, bool CanRetry, TimeSpan? RetryAfter, Exception? Exception)
{
    public static UrlAttempt Success(byte[] body) => new(body, "", CanRetry: false, null, null);

    public static UrlAttempt Failure(string cause, bool canRetry, TimeSpan? retryAfter = null,
        Exception? exception = null) =>
        new(null, cause, canRetry, retryAfter, exception);
}
