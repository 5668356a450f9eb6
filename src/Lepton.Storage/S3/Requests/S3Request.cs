using System.Text;
using Lepton.Storage.S3.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lepton.Storage.S3.Requests;

/// <summary>A request, taken apart: what it is about, and its raw parts, as the signature needs them.</summary>
internal sealed class S3Request
{
    private const int KeyBytesMax = 1024;

    private S3Request(HttpContext http, string path, IReadOnlyList<(string Name, string Value)> query) =>
        (Http, Path, Query) = (http, path, query);

    public HttpContext Http { get; }

    public string Method => Http.Request.Method;

    public IHeaderDictionary Headers => Http.Request.Headers;

    /// <summary>The path, decoded; dots and slashes in it mean nothing.</summary>
    public string Path { get; }

    /// <summary>The query, decoded, in its order.</summary>
    public IReadOnlyList<(string Name, string Value)> Query { get; }

    /// <summary>The bucket; empty for none.</summary>
    public string Bucket { get; private init; } = "";

    /// <summary>The object's key; empty for none.</summary>
    public string Key { get; private init; } = "";

    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>Takes a request apart.</summary>
    /// <param name="http">The request.</param>
    /// <param name="domains">Hosts whose subdomains are buckets.</param>
    /// <exception cref="S3Exception">Names are against the rules.</exception>
    public static S3Request Parse(HttpContext http, IReadOnlyList<string> domains)
    {
        // Kestrel's own path has lost which slashes were encoded, and has gone up for "..", which keys may hold.
        string target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith('/'))
        {
            int host = target.IndexOf("://", StringComparison.Ordinal);
            int slash = host < 0 ? -1 : target.IndexOf('/', host + 3);
            target = slash < 0 ? "/" : target[slash..];
        }

        int mark = target.IndexOf('?', StringComparison.Ordinal);
        string path = AwsUri.Decode(mark < 0 ? target : target[..mark], plusIsSpace: false);
        (string bucket, string key) = Names(path, http.Request.Host.Host, domains);
        if (bucket.Length > 0 || path.Length > 1)
        {
            BucketName.Check(bucket);
        }

        CheckKey(key);
        return new S3Request(http, path, ParseQuery(mark < 0 ? "" : target[(mark + 1)..]))
        {
            Bucket = bucket,
            Key = key,
        };
    }

    /// <summary>A value of the query; null where it is not there.</summary>
    public string? Get(string name)
    {
        foreach ((string there, string value) in Query)
        {
            if (there == name)
            {
                return value;
            }
        }

        return null;
    }

    public bool Has(string name) => Get(name) is not null;

    /// <summary>A header's value; null where it is not there or empty.</summary>
    public string? Header(string name)
    {
        string value = Headers[name].ToString();
        return value.Length == 0 ? null : value;
    }

    /// <summary>Checks an object's key; the empty one stands for none.</summary>
    /// <exception cref="S3Exception">It is too long, or holds a zero byte.</exception>
    public static void CheckKey(string key)
    {
        if (key.Contains('\0', StringComparison.Ordinal))
        {
            throw new S3Exception(S3Error.InvalidArgument, "The key holds a zero byte. Leave it out.");
        }

        int bytes = Encoding.UTF8.GetByteCount(key);
        if (bytes > KeyBytesMax)
        {
            throw new S3Exception(
                S3Error.KeyTooLong, $"The key has {bytes} bytes of UTF-8; {KeyBytesMax} are allowed. Shorten it.");
        }
    }

    private static (string Bucket, string Key) Names(string path, string host, IReadOnlyList<string> domains)
    {
        foreach (string domain in domains)
        {
            if (host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase))
            {
                return (host[..^(domain.Length + 1)], path[1..]);
            }
        }

        int slash = path.IndexOf('/', 1);
        return slash < 0 ? (path[1..], "") : (path[1..slash], path[(slash + 1)..]);
    }

    private static List<(string Name, string Value)> ParseQuery(string text)
    {
        List<(string, string)> query = [];
        foreach (string pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            query.Add(equals < 0
                ? (AwsUri.Decode(pair, plusIsSpace: true), "")
                : (AwsUri.Decode(pair[..equals], plusIsSpace: true),
                    AwsUri.Decode(pair[(equals + 1)..], plusIsSpace: true)));
        }

        return query;
    }
}
