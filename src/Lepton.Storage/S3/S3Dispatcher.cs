using System.Globalization;
using System.Security.Cryptography;
using Lepton.Storage.Keys;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Bodies;
using Lepton.Storage.S3.Requests;
using Lepton.Storage.S3.Signing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.S3;

/// <summary>Takes requests, and answers each: as asked, or with one of S3's errors. Thread safe.</summary>
internal sealed class S3Dispatcher(
    RequestAuthenticator authenticator, S3Routes routes, IReadOnlyList<string> domains, ILogger logger)
{
    private readonly string _idPrefix = RandomNumberGenerator.GetHexString(8);
    private long _requests;

    /// <summary>Answers a request. Does not throw.</summary>
    public async Task DispatchAsync(HttpContext http)
    {
        string id = string.Create(
            CultureInfo.InvariantCulture, $"{_idPrefix}{Interlocked.Increment(ref _requests):X8}");
        http.Response.Headers["x-amz-request-id"] = id;
        http.Response.Headers.Server = "Lepton";
        if (http.Request.Headers.Expect.Count > 0)
        {
            http.Response.OnStarting(static state => CloseUnlessContinued((HttpContext)state), http);
        }

        try
        {
            S3Request request = S3Request.Parse(http, domains);
            (AccessKey key, BodySecurity body) = await authenticator.AuthenticateAsync(request).ConfigureAwait(false);
            await routes.RunAsync(new S3Call(request, key, body, id)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionResetException
            || (e is OperationCanceledException && http.RequestAborted.IsCancellationRequested))
        {
            // Nobody is there to be answered.
            return;
        }
        catch (Exception e)
        {
            // The last stop: whatever comes here is told to the caller by one of S3's errors.
            await AnswerAsync(http, id, e).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// A client that waits for "100 Continue" and is answered at once sends no body, and its connection is of no use
    /// for another request; boto's takes the next answer for a part of this one. Kestrel continues where a body is
    /// read: an empty one is not.
    /// </summary>
    private static Task CloseUnlessContinued(HttpContext http)
    {
        if (http.Request.ContentLength is null or 0 || http.Response.StatusCode >= StatusCodes.Status300MultipleChoices)
        {
            http.Response.Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }

    /// <summary>What was asked for, as it came: decoded, it could hold lines of its own. Without the query, which may
    /// hold a signature.</summary>
    private static string Target(HttpContext http) =>
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];

    private async Task AnswerAsync(HttpContext http, string id, Exception exception)
    {
        S3Exception failure = FailureTable.Of(exception) ?? new S3Exception(
            S3Error.InternalError, "The request failed in a way that was not foreseen; the node's log " +
                $"tells of it ({id}).");
        if (failure.Error.Status >= StatusCodes.Status500InternalServerError
            && failure.Error != S3Error.NotImplemented)
        {
            StorageLog.RequestFailed(
                logger, id, http.Request.Method, Target(http),
                failure == exception ? failure.Message : exception.ToString());
        }

        if (http.Response.HasStarted)
        {
            // What was sent promised more; a cut connection is how the caller knows.
            http.Abort();
            return;
        }

        string etag = http.Response.Headers.ETag.ToString();
        http.Response.Clear();
        http.Response.Headers["x-amz-request-id"] = id;
        http.Response.Headers.Server = "Lepton";
        http.Response.StatusCode = failure.Error.Status;
        foreach ((string name, string value) in failure.Headers)
        {
            http.Response.Headers[name] = value;
        }

        if (failure.Error == S3Error.NotModified)
        {
            http.Response.Headers.ETag = etag;
            return;
        }

        byte[] xml = S3Xml.WriteError(failure.Error, failure.Message, http.Request.Path.ToString(), id);
        http.Response.ContentType = "application/xml";
        if (http.Request.Method == "HEAD")
        {
            return;
        }

        try
        {
            http.Response.ContentLength = xml.Length;
            await http.Response.Body.WriteAsync(xml, http.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The caller is gone, as may be why the request failed.
            http.Abort();
        }
    }
}
