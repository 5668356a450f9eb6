using System.Text;
using Lepton.Storage.S3.Answers;

namespace Lepton.Storage.S3.Requests;

/// <summary>Percent-encoding as Signature V4 wants it ("Create a signed AWS API request", UriEncode).</summary>
internal static class AwsUri
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Encodes all but letters, digits, <c>-._~</c> and, where told, slashes.</summary>
    public static string Encode(string text, bool keepSlashes)
    {
        StringBuilder encoded = new(text.Length);
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            char c = (char)value;
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~' || (c == '/' && keepSlashes))
            {
                encoded.Append(c);
            }
            else
            {
                encoded.Append('%').Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }

    /// <summary>Decodes percent-encoding.</summary>
    /// <exception cref="S3Exception">What comes out is no UTF-8 text, or holds a zero byte.</exception>
    public static string Decode(string text, bool plusIsSpace)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1])
                && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes[length++] = Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else if (c == '+' && plusIsSpace)
            {
                bytes[length++] = (byte)' ';
            }
            else
            {
                length += Encoding.UTF8.GetBytes(text.AsSpan(i, 1), bytes.AsSpan(length));
            }
        }

        try
        {
            string decoded = s_strict.GetString(bytes, 0, length);
            return decoded.Contains('\0', StringComparison.Ordinal)
                ? throw new S3Exception(S3Error.InvalidUri, $"The URI holds a zero byte: {text}. Leave it out.")
                : decoded;
        }
        catch (DecoderFallbackException)
        {
            throw new S3Exception(
                S3Error.InvalidUri, $"The URI is no UTF-8 once it is decoded: {text}. Encode names as UTF-8.");
        }
    }
}
