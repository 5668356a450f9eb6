using System.Net;
using Lepton.Storage.S3.Answers;

namespace Lepton.Storage.S3.Requests;

/// <summary>S3's rules for the names of buckets ("General purpose bucket naming rules").</summary>
internal static class BucketName
{
    /// <summary>Checks a name.</summary>
    /// <exception cref="S3Exception">It is against the rules.</exception>
    public static void Check(string name)
    {
        if (!IsGood(name))
        {
            throw new S3Exception(
                S3Error.InvalidBucketName,
                $"'{name}' can't be a bucket's name: expected 3 to 63 lower-case letters, digits, dots and hyphens, " +
                "with a letter or digit at both ends, no two dots together, and not an IP address.");
        }
    }

    private static bool IsGood(string name) =>
        name.Length is >= 3 and <= 63
        && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
        && !name.Contains("..", StringComparison.Ordinal)
        && !(name.Count(static c => c == '.') == 3 && IPAddress.TryParse(name, out _));
}
