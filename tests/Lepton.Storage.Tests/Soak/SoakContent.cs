using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lepton.Core.Hashing;

namespace Lepton.Storage.Tests.Soak;

/// <summary>
/// Values and the objects that stand for them: a value is a short text, an object begins with it and goes on with bytes
/// that follow from it. Thread safe.
/// </summary>
internal sealed class SoakContent
{
    private const int NameBytes = 32;
    private readonly ConcurrentDictionary<string, string> _valueByETag = new();

    /// <summary>The object of a value; its ETag is known from now on.</summary>
    public byte[] Of(string value)
    {
        byte[] content = Make(value);
        _valueByETag[ETagOf(content)] = value;
        return content;
    }

    /// <summary>The value of an object.</summary>
    /// <exception cref="InvalidDataException">It is nobody's.</exception>
    public static string ValueOf(byte[] content)
    {
        string value = Encoding.ASCII.GetString(content.AsSpan(0, Math.Min(NameBytes, content.Length))).Trim();
        return content.AsSpan().SequenceEqual(Make(value))
            ? value
            : throw new InvalidDataException($"An object of {content.Length} bytes begins with '{value}', and goes " +
                "on with other bytes than were written.");
    }

    /// <summary>The value that has an ETag, as lists tell it.</summary>
    /// <exception cref="InvalidDataException">It is nobody's.</exception>
    public string ValueOf(string eTag) => _valueByETag.TryGetValue(eTag.Trim('"'), out string? value)
        ? value
        : throw new InvalidDataException($"A list tells of the ETag {eTag}, which no object has.");

    /// <summary>The ETag of a value's object.</summary>
    public static string ETagOf(string value) => ETagOf(Make(value));

    // MD5 is what S3 makes ETags of.
#pragma warning disable CA5351
    private static string ETagOf(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351

    /// <summary>Of some kilobytes mostly; one in fifty has three blocks.</summary>
    private static byte[] Make(string value)
    {
        ulong hash = StableHash.OfString(value);
        int length = hash % 50 == 0 ? 2_200_000 : 100 + (int)(hash / 50 % 20_000);
        byte[] content = Pattern.Of(length, hash);
        Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{value,-NameBytes}"), content);
        return content;
    }
}
