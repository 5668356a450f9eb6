using System.Text;
using Lepton.Storage.Metadata;
using Lepton.Storage.S3.Answers;

namespace Lepton.Storage.S3.Requests;

/// <summary>What a request says of the object that it writes, and what it wants that is not supported.</summary>
internal static class AttributeHeaders
{
    /// <summary>What user metadata begins with.</summary>
    public const string UserPrefix = "x-amz-meta-";

    private const int UserBytesMax = 2048;

    // What a token may have beside letters and digits (RFC 9110 §5.6.2).
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    private static readonly string[] s_kept =
    [
        "Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires",
    ];

    // With these values they ask for nothing else than what is.
    private static readonly (string Name, string[] Values)[] s_harmless =
    [
        ("x-amz-acl", ["private", "bucket-owner-full-control"]),
        ("x-amz-storage-class", ["STANDARD"]),
        ("x-amz-request-payer", ["requester"]),
    ];

    private static readonly string[] s_refused =
    [
        "x-amz-grant-", "x-amz-tagging", "x-amz-object-lock-",
        "x-amz-website-redirect-location", "x-amz-copy-source-server-side-encryption", "x-amz-write-offset-bytes",
        "x-amz-mfa", "x-amz-bypass-governance-retention", "x-amz-bucket-object-lock-enabled",
    ];

    /// <summary>Reads what is kept of an object.</summary>
    /// <exception cref="S3Exception">User metadata is too large.</exception>
    public static AttributesRecord Parse(S3Request request)
    {
        AttributesRecord attributes = new(new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        foreach (string name in s_kept)
        {
            if (request.Header(name) is { } value && Plain(name, value) is { Length: > 0 } plain)
            {
                CheckText(name, plain);
                attributes.Headers[name] = plain;
            }
        }

        foreach ((string name, var value) in request.Headers)
        {
            if (name.StartsWith(UserPrefix, StringComparison.OrdinalIgnoreCase))
            {
                string own = name[UserPrefix.Length..].ToLowerInvariant();
                if (own.Length == 0 || !own.All(static c => char.IsAsciiLetterOrDigit(c) || TokenMarks.Contains(c)))
                {
                    throw new S3Exception(
                        S3Error.InvalidArgument,
                        $"'{name}' can't be a header: expected letters, digits and {TokenMarks} behind {UserPrefix}.");
                }

                CheckText(name, value.ToString());
                attributes.User[own] = value.ToString();
            }
        }

        int bytes = attributes.User.Sum(static pair =>
            Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value));
        return bytes <= UserBytesMax
            ? attributes
            : throw new S3Exception(
                S3Error.MetadataTooLarge, $"The user metadata has {bytes} bytes; {UserBytesMax} are allowed.");
    }

    /// <summary>Checks what becomes a header of an answer.</summary>
    /// <exception cref="S3Exception">It holds what no header may.</exception>
    public static void CheckText(string name, string value)
    {
        if (value.Any(static c => char.IsControl(c) && c != '\t'))
        {
            throw new S3Exception(
                S3Error.InvalidArgument, $"{name} holds a control character, which no header may. Leave it out.");
        }
    }

    /// <summary>Refuses headers that ask for what is not supported.</summary>
    /// <exception cref="S3Exception">There is one.</exception>
    public static void RefuseUnsupported(S3Request request)
    {
        foreach ((string name, var value) in request.Headers)
        {
            if (Array.Exists(s_refused, refused => name.StartsWith(refused, StringComparison.OrdinalIgnoreCase)))
            {
                throw S3Exception.NotImplemented($"The header {name}");
            }

            foreach ((string harmless, string[] values) in s_harmless)
            {
                if (name.Equals(harmless, StringComparison.OrdinalIgnoreCase)
                    && !values.Contains(value.ToString(), StringComparer.OrdinalIgnoreCase))
                {
                    throw S3Exception.NotImplemented($"{name}: {value}");
                }
            }
        }
    }

    /// <summary>How the body is sent is not what the object is.</summary>
    private static string Plain(string name, string value) => name != "Content-Encoding"
        ? value
        : string.Join(',', value.Split(',', StringSplitOptions.TrimEntries)
            .Where(static coding => !coding.Equals("aws-chunked", StringComparison.OrdinalIgnoreCase)));
}
