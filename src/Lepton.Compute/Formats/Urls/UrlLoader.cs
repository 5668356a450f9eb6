using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace Lepton.Compute.Formats;

/// <summary>
/// Loads URLs, with retries on network errors, time-outs, 408, 429 and 5xx. Thread-safe; the handler is the caller's.
/// </summary>
internal sealed class UrlLoader(HttpMessageHandler handler, TimeProvider time) : IDisposable
{
    private const int FirstBytes = 64 * 1024;
    private readonly HttpMessageInvoker _http = new(handler, disposeHandler: false);

    /// <summary>
    /// A handler as loading wants it: compressed answers, redirects, connections that don't outlive a change of DNS.
    /// </summary>
    public static SocketsHttpHandler NewHandler() => new()
    {
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = true,
    };

    /// <summary>The body of <paramref name="url"/>.</summary>
    /// <exception cref="UrlLoadException">Every attempt failed, or one in a way that no other can mend.</exception>
    /// <exception cref="ArgumentException">The URL is not absolute, or neither http nor https.</exception>
    public async Task<byte[]> LoadAsync(Uri url, UrlOptions options, CancellationToken cancellation)
    {
        options.Validate();
        CheckScheme(url);
        for (int attempt = 1; ; attempt++)
        {
            UrlAttempt outcome = await TryLoadAsync(url, options, cancellation).ConfigureAwait(false);
            if (outcome.Body is not null)
            {
                return outcome.Body;
            }

            if (!outcome.CanRetry || attempt == options.AttemptsMax)
            {
                string advice = outcome.CanRetry
                    ? "Try again when the server answers, or raise UrlOptions.AttemptsMax."
                    : "Trying again would not help: check the address, your access to it, and UrlOptions.";
                throw new UrlLoadException(url, attempt, outcome.Cause, advice, outcome.Exception);
            }

            TimeSpan pause = Backoff.Pause(options.BackoffFirst, options.BackoffMax, attempt, url.AbsoluteUri,
                options.Seed);
            if (outcome.RetryAfter > options.RetryAfterMax)
            {
                throw new UrlLoadException(url, attempt, $"{outcome.Cause}, and asks to wait {outcome.RetryAfter}",
                    $"That is more than UrlOptions.RetryAfterMax ({options.RetryAfterMax}): try later, or raise it.",
                    outcome.Exception);
            }

            // A server that names a time gets it, and never less than our own pause.
            pause = outcome.RetryAfter > pause ? outcome.RetryAfter.Value : pause;
            await Task.Delay(pause, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The bodies of <paramref name="urls"/> in their order. At most <see cref="UrlOptions.ConcurrencyMax"/> are being
    /// loaded or waiting to be taken. The first error in order ends it and cancels the others.
    /// </summary>
    public async IAsyncEnumerable<byte[]> LoadManyAsync(
        IEnumerable<Uri> urls, UrlOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        options.Validate();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var started = new Queue<Task<byte[]>>();
        using IEnumerator<Uri> next = urls.GetEnumerator();
        bool hasNext = true;
        try
        {
            while (true)
            {
                while (hasNext && started.Count < options.ConcurrencyMax && (hasNext = next.MoveNext()))
                {
                    started.Enqueue(LoadAsync(next.Current, options, stop.Token));
                }

                if (started.Count == 0)
                {
                    yield break;
                }

                byte[] body = await started.Peek().ConfigureAwait(false);
                _ = started.Dequeue();
                yield return body;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);

            // Nothing of ours may still run when the caller goes on; how the others ended no longer matters.
            await ((Task)Task.WhenAll(started)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _http.Dispose();

    private static void CheckScheme(Uri url)
    {
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"'{url}' can't be loaded: a URL must start with http:// or https://. Read " +
                "local files by their path.");
        }
    }

    private async Task<UrlAttempt> TryLoadAsync(Uri url, UrlOptions options, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(options.AttemptTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            using HttpResponseMessage response = await _http.SendAsync(request, either.Token).ConfigureAwait(false);
            return await ReadAsync(response, options, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            return UrlAttempt.Failure($"no complete answer within {options.AttemptTimeout.TotalSeconds} s",
                canRetry: true, exception: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            return UrlAttempt.Failure($"the connection failed: {Innermost(e)}", canRetry: true, exception: e);
        }
    }

    private async Task<UrlAttempt> ReadAsync(HttpResponseMessage response, UrlOptions options,
        CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode)
        {
            int status = (int)response.StatusCode;
            bool canRetry = status is 408 or 429 or >= 500;
            return UrlAttempt.Failure($"the server answers {status} {response.ReasonPhrase}".TrimEnd(), canRetry,
                RetryAfter(response));
        }

        string tooLarge = $"the body is larger than UrlOptions.BytesMax ({options.BytesMax} bytes)";
        long? announced = response.Content.Headers.ContentLength;
        if (announced > options.BytesMax)
        {
            return UrlAttempt.Failure(tooLarge, canRetry: false);
        }

        Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            byte[] bytes = new byte[(int)Math.Min(options.BytesMax, announced ?? FirstBytes)];
            int count = 0;
            while (true)
            {
                int read = await body.ReadAsync(bytes.AsMemory(count), cancellation).ConfigureAwait(false);
                count += read;
                if (read == 0 && count < bytes.Length)
                {
                    Array.Resize(ref bytes, count);
                    return UrlAttempt.Success(bytes);
                }

                if (count < bytes.Length)
                {
                    continue;
                }

                // Full: either that was all, or the announced length was none.
                byte[] one = new byte[1];
                if (await body.ReadAsync(one, cancellation).ConfigureAwait(false) == 0)
                {
                    return UrlAttempt.Success(bytes);
                }

                if (count == options.BytesMax)
                {
                    return UrlAttempt.Failure(tooLarge, canRetry: false);
                }

                Array.Resize(ref bytes, (int)Math.Min(options.BytesMax, Math.Max(count * 2L, FirstBytes)));
                bytes[count++] = one[0];
            }
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        return header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
    }

    private static string Innermost(Exception error)
    {
        while (error.InnerException is not null)
        {
            error = error.InnerException;
        }

        return error.Message.TrimEnd('.');
    }
}
