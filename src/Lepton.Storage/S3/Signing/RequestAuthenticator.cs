using Lepton.Storage.Keys;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Bodies;
using Lepton.Storage.S3.Requests;

namespace Lepton.Storage.S3.Signing;

/// <summary>Finds out who sent a request, and what its body's signature will be checked against. Thread safe.</summary>
internal sealed class RequestAuthenticator(AccessKeys keys, TimeProvider timeProvider)
{
    private static readonly TimeSpan s_skewMax = TimeSpan.FromMinutes(15);

    /// <summary>Checks the signature.</summary>
    /// <exception cref="S3Exception">It is missing, wrong, too old, or of a key that is not known.</exception>
    public async Task<(AccessKey Key, BodySecurity Body)> AuthenticateAsync(S3Request request)
    {
        SignedRequest signed = SignedRequest.Parse(request);
        CheckTime(signed);
        if (request.Header("x-amz-security-token") is not null || request.Has("X-Amz-Security-Token"))
        {
            throw S3Exception.NotImplemented("A session token");
        }

        AccessKey key = await keys.FindAsync(signed.AccessKey, request.Aborted).ConfigureAwait(false)
            ?? throw new S3Exception(
                S3Error.InvalidAccessKeyId, $"There is no access key '{signed.AccessKey}' in this store.");
        string payload = Payload(request, signed);
        byte[] signingKey = SigningKey.Derive(key.Secret, signed.Scope);
        string text = $"{SigningKey.Algorithm}\n{signed.Timestamp}\n{signed.Scope}\n" +
            SigningKey.Hash(CanonicalRequest.Of(request, signed.SignedHeaders, payload));
        if (!SigningKey.AreSame(SigningKey.Sign(signingKey, text), signed.Signature))
        {
            throw new S3Exception(
                S3Error.SignatureDoesNotMatch,
                "The signature is not that of this request under the secret of its key. Check the secret, the clock, " +
                "and that nothing between changes the request.");
        }

        CheckAllSigned(request, signed);
        return (key, BodySecurity.Of(request, payload, new ChunkSignatures(
            signingKey, signed.Timestamp, signed.Scope.ToString(), signed.Signature)));
    }

    private void CheckTime(SignedRequest signed)
    {
        DateTimeOffset now = timeProvider.GetUtcNow();
        if (signed.ExpiresIn is { } good)
        {
            if (now > signed.Time + good)
            {
                throw new S3Exception(S3Error.AccessDenied, "Request has expired: it was good until " +
                    $"{signed.Time + good:u}.");
            }

            if (signed.Time - now > s_skewMax)
            {
                throw new S3Exception(S3Error.AccessDenied, $"Request is not yet valid: it is dated {signed.Time:u}.");
            }
        }
        else if ((now - signed.Time).Duration() > s_skewMax)
        {
            throw new S3Exception(
                S3Error.RequestTimeTooSkewed,
                $"The request is dated {signed.Time:u}, and it is {now:u} here; 15 minutes may lie between. " +
                "Set the clocks.");
        }
    }

    private static string Payload(S3Request request, SignedRequest signed)
    {
        string? header = request.Header("x-amz-content-sha256") ?? request.Get("X-Amz-Content-Sha256");
        if (signed.ExpiresIn is not null)
        {
            return header ?? BodySecurity.Unsigned;
        }

        return header ?? throw new S3Exception(
            S3Error.InvalidRequest, "The header x-amz-content-sha256 is missing; give the body's SHA-256, or " +
                "UNSIGNED-PAYLOAD.");
    }

    /// <summary>What changes the meaning of a request must be part of what was signed.</summary>
    private static void CheckAllSigned(S3Request request, SignedRequest signed)
    {
        foreach (string name in request.Headers.Keys)
        {
            // The hash of the body is part of what is signed, named or not.
            if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)
                && !name.Equals("x-amz-content-sha256", StringComparison.OrdinalIgnoreCase)
                && !signed.SignedHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new S3Exception(
                    S3Error.AccessDenied,
                    $"There were headers present in the request which were not signed: {name}. Sign it, or " +
                    "leave it out.");
            }
        }
    }
}
