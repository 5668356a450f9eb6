using System.Globalization;
using Lepton.Storage.S3.Answers;

namespace Lepton.Storage.S3.Requests;

/// <summary>Which bytes of an object a request wants (RFC 9110 §14).</summary>
/// <param name="From">The first.</param>
/// <param name="Length">How many.</param>
internal readonly record struct ByteRange(long From, long Length)
{
    /// <summary>Reads a range header.</summary>
    /// <returns>Null where it is none, or several, and the whole object is given: RFC 9110 has such headers
    /// ignored.</returns>
    /// <exception cref="S3Exception">No byte of it is there.</exception>
    public static ByteRange? Parse(string? header, long size)
    {
        const string Unit = "bytes=";
        if (header is null || !header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        string text = header[Unit.Length..].Trim();
        string[] ends = text.Split('-');
        if (ends.Length != 2 || !IsNumber(ends[0], out long first) || !IsNumber(ends[1], out long last)
            || (first < 0 && last < 0) || (first >= 0 && last >= 0 && last < first))
        {
            return null;
        }

        long from = first >= 0 ? first : Math.Max(size - last, 0);
        long end = first >= 0 && last >= 0 && last < size ? last + 1 : size;
        if (from >= size || from >= end)
        {
            S3Exception refusal = new(
                S3Error.InvalidRange, $"The range {header} holds no byte of the object, which has {size}.");
            refusal.Headers.Add(("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes */{size}")));
            throw refusal;
        }

        return new ByteRange(from, end - from);
    }

    /// <summary>An empty text is -1, and no fault.</summary>
    private static bool IsNumber(string text, out long value)
    {
        value = -1;
        return text.Length == 0 || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
