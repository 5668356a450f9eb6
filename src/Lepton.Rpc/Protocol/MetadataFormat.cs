using System.Text;

namespace Lepton.Rpc.Protocol;

/// <summary>Metadata as HTTP/2 headers: binary values in base64, and the protocol's own headers left out.</summary>
internal static class MetadataFormat
{
    private static readonly HashSet<string> HttpHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-type", "content-length", "te", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
        "upgrade", "host", "trailer", "date", "expect",
    };

    /// <summary>Whether a header belongs to gRPC or HTTP and so is no metadata.</summary>
    public static bool IsReserved(string key) =>
        key.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) || key.StartsWith(':') ||
        HttpHeaders.Contains(key);

    /// <summary>
    /// Takes one received header over. A binary header may hold several values parted by commas, padded or not; a
    /// value that is no base64 is dropped, since there is no way to say what it was.
    /// </summary>
    public static void AddReceived(RpcMetadata metadata, string key, string value)
    {
        if (IsReserved(key) && !key.Equals(HeaderNames.StatusDetails, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        string lower = key.ToLowerInvariant();
        if (!RpcMetadata.IsBinaryKey(lower))
        {
            metadata.AddReceived(lower, value);
            return;
        }

        foreach (string part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (TryDecodeBase64(part, out byte[] bytes))
            {
                metadata.AddReceived(lower, bytes);
            }
        }
    }

    /// <summary>Writes text as <c>grpc-message</c> wants it: printable ASCII as it is, other UTF-8 as %XX.</summary>
    public static string PercentEncode(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        StringBuilder result = new(text.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%')
            {
                result.Append((char)b);
            }
            else
            {
                result.Append('%').Append(b.ToString("X2", null));
            }
        }

        return result.ToString();
    }

    /// <summary>Reads <c>grpc-message</c>; a broken escape stays as it is, so that no message gets lost.</summary>
    public static string PercentDecode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        byte[] source = Encoding.UTF8.GetBytes(text);
        byte[] result = new byte[source.Length];
        int length = 0;
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length &&
                char.IsAsciiHexDigit((char)source[i + 1]) && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                result[length++] = Convert.FromHexString([(char)source[i + 1], (char)source[i + 2]])[0];
                i += 2;
            }
            else
            {
                result[length++] = source[i];
            }
        }

        return Encoding.UTF8.GetString(result, 0, length);
    }

    private static bool TryDecodeBase64(string text, out byte[] bytes)
    {
        string padded = (text.Length % 4) switch
        {
            2 => text + "==",
            3 => text + "=",
            _ => text,
        };
        byte[] room = new byte[padded.Length / 4 * 3];
        bool valid = Convert.TryFromBase64String(padded, room, out int written);
        bytes = room[..written];
        return valid;
    }
}
