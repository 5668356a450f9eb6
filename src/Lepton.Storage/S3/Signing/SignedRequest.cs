using System.Globalization;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Requests;

namespace Lepton.Storage.S3.Signing;

/// <summary>What a request says of its signature, in its header or its query.</summary>
/// <param name="AccessKey">Who signed.</param>
/// <param name="Scope">For what the key is.</param>
/// <param name="Timestamp">When, as the signature has it.</param>
/// <param name="Time">The same.</param>
/// <param name="SignedHeaders">The headers that are signed, in order.</param>
/// <param name="Signature">The signature.</param>
/// <param name="ExpiresIn">How long a presigned URL is good; null for a request with a header.</param>
internal sealed record SignedRequest(
    string AccessKey, CredentialScope Scope, string Timestamp, DateTimeOffset Time, string[] SignedHeaders,
    string Signature, TimeSpan? ExpiresIn)
{
    private const int ExpirySecondsMax = 7 * 24 * 3600;

    /// <summary>Reads it.</summary>
    /// <exception cref="S3Exception">There is none, or it is malformed.</exception>
    public static SignedRequest Parse(S3Request request)
    {
        if (request.Get("X-Amz-Algorithm") is { } algorithm)
        {
            return ParseQuery(request, algorithm);
        }

        string? header = request.Header("Authorization");
        if (header is null)
        {
            throw new S3Exception(
                request.Has("Signature") ? S3Error.InvalidRequest : S3Error.AccessDenied,
                $"The request is not signed. Sign it with an access key by {SigningKey.Algorithm}.");
        }

        if (!header.StartsWith(SigningKey.Algorithm + " ", StringComparison.Ordinal))
        {
            throw new S3Exception(
                S3Error.InvalidRequest,
                $"The authorization mechanism is not supported. Please use {SigningKey.Algorithm}.");
        }

        Dictionary<string, string> parts = [];
        foreach (string part in header[SigningKey.Algorithm.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            parts[equals < 0 ? part : part[..equals]] = equals < 0 ? "" : part[(equals + 1)..];
        }

        string timestamp = request.Header("x-amz-date") ?? HttpDate(request) ?? throw Malformed(
            "the request has neither x-amz-date nor a date of HTTP's form");
        return Make(
            parts.GetValueOrDefault("Credential"), timestamp, parts.GetValueOrDefault("SignedHeaders"),
            parts.GetValueOrDefault("Signature"), null);
    }

    private static SignedRequest ParseQuery(S3Request request, string algorithm)
    {
        if (algorithm != SigningKey.Algorithm)
        {
            throw new S3Exception(
                S3Error.InvalidRequest, $"X-Amz-Algorithm is '{algorithm}'; expected {SigningKey.Algorithm}.");
        }

        if (!int.TryParse(
            request.Get("X-Amz-Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            || seconds is < 1 or > ExpirySecondsMax)
        {
            throw new S3Exception(
                S3Error.AuthorizationHeaderMalformed,
                $"X-Amz-Expires is '{request.Get("X-Amz-Expires")}'; expected seconds, from 1 to {ExpirySecondsMax}.");
        }

        return Make(
            request.Get("X-Amz-Credential"), request.Get("X-Amz-Date") ?? "", request.Get("X-Amz-SignedHeaders"),
            request.Get("X-Amz-Signature"), TimeSpan.FromSeconds(seconds));
    }

    private static SignedRequest Make(
        string? credential, string timestamp, string? signedHeaders, string? signature, TimeSpan? expiresIn)
    {
        string[] parts = credential?.Split('/') ?? [];
        if (parts.Length < 5 || parts[^1] != CredentialScope.Terminator)
        {
            throw Malformed($"the credential is '{credential}'; expected KEY/DATE/REGION/s3/aws4_request");
        }

        CredentialScope scope = new(parts[^4], parts[^3], parts[^2]);
        if (!DateTimeOffset.TryParseExact(
            timestamp, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time))
        {
            throw Malformed($"the date is '{timestamp}'; expected such as 20260504T120000Z");
        }

        if (scope.Date != timestamp[..8] || scope.Service != "s3")
        {
            throw Malformed($"the credential is for '{scope}'; expected the day of the date {timestamp}, and s3");
        }

        string[] names = signedHeaders?.Split(';') ?? [];
        return signature is null || !names.Contains("host", StringComparer.Ordinal)
            ? throw Malformed("a signature is needed, and the host among the signed headers")
            : new SignedRequest(
                string.Join('/', parts[..^4]), scope, timestamp, time, names, signature, expiresIn);
    }

    private static string? HttpDate(S3Request request) =>
        DateTimeOffset.TryParseExact(
            request.Header("Date"), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out DateTimeOffset date)
            ? date.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)
            : null;

    private static S3Exception Malformed(string why) => new(
        S3Error.AuthorizationHeaderMalformed, $"The authorization is malformed: {why}.");
}
