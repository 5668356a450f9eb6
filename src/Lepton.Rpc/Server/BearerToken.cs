using System.Security.Cryptography;
using System.Text;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Server;

/// <summary>Authentication by one shared secret in the <c>authorization: Bearer</c> header.</summary>
public static class BearerToken
{
    private const int LengthMin = 16;

    /// <summary>
    /// Lets in requests that carry <paramref name="token"/>. The comparison takes the same time wherever the tokens
    /// differ, so timing does not give the token away.
    /// </summary>
    /// <param name="token">The secret: 16 characters of printable ASCII or more.</param>
    /// <exception cref="ArgumentException">The token is too short or can't travel in a header.</exception>
    public static RpcAuthenticator Authenticator(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.Length < LengthMin || token.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0)
        {
            throw new ArgumentException(
                $"A token has at least {LengthMin} characters of printable ASCII without blanks; this one has " +
                $"{token.Length}. Make one from 32 random bytes in hexadecimal.", nameof(token));
        }

        byte[] expected = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        return context =>
        {
            string? header = context.Request.Headers.Authorization;
            if (header is null || !header.StartsWith(HeaderNames.BearerPrefix, StringComparison.OrdinalIgnoreCase))
            {
                return new ValueTask<RpcStatus>(new RpcStatus(StatusCode.Unauthenticated,
                    "the request carries no token; an 'authorization: Bearer' header was expected"));
            }

            // Equal lengths by hashing: the comparison itself would leak the length of the secret otherwise.
            string sent = header[HeaderNames.BearerPrefix.Length..].Trim();
            byte[] actual = SHA256.HashData(Encoding.UTF8.GetBytes(sent));
            return new ValueTask<RpcStatus>(CryptographicOperations.FixedTimeEquals(actual, expected)
                ? RpcStatus.OK
                : new RpcStatus(StatusCode.Unauthenticated, "the request's token is not this server's"));
        };
    }
}
