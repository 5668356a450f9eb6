using System.Security.Cryptography;
using System.Text;

namespace Lepton.Storage.S3.Signing;

/// <summary>The arithmetic of Signature V4 ("Create a signed AWS API request").</summary>
internal static class SigningKey
{
    /// <summary>The name of the algorithm.</summary>
    public const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The SHA-256 of nothing.</summary>
    public const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>The key for one day, region and service.</summary>
    public static byte[] Derive(string secret, CredentialScope scope)
    {
        byte[] key = Hmac(Encoding.UTF8.GetBytes("AWS4" + secret), scope.Date);
        key = Hmac(key, scope.Region);
        key = Hmac(key, scope.Service);
        return Hmac(key, CredentialScope.Terminator);
    }

    /// <summary>The signature of a text.</summary>
    public static string Sign(byte[] key, string text) => Convert.ToHexStringLower(Hmac(key, text));

    /// <summary>The SHA-256 of a text, in hexadecimal.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Compares in a time that tells nothing.</summary>
    public static bool AreSame(string expected, string given) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}

/// <summary>For what a key signs.</summary>
internal readonly record struct CredentialScope(string Date, string Region, string Service)
{
    public const string Terminator = "aws4_request";

    /// <inheritdoc/>
    public override string ToString() => $"{Date}/{Region}/{Service}/{Terminator}";
}
