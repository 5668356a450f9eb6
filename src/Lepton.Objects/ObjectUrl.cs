using System.Diagnostics.CodeAnalysis;

namespace Lepton.Objects;

/// <summary>
/// Where an object is, or those that begin alike: <c>s3://BUCKET/KEY</c>, as aws-cli and s3cmd write it. Nothing in the
/// key is escaped; the key may be empty, which means the whole bucket.
/// </summary>
/// <param name="Bucket">The bucket, not empty.</param>
/// <param name="Key">The key, or the beginning of keys.</param>
public readonly record struct ObjectUrl(string Bucket, string Key)
{
    /// <summary>What each URL begins with.</summary>
    public const string Scheme = "s3://";

    /// <summary>Whether a text names objects rather than a file: it begins with <see cref="Scheme"/>.</summary>
    public static bool IsUrl([NotNullWhen(true)] string? text) =>
        text?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>Reads a URL.</summary>
    /// <exception cref="FormatException">It is none; the message has an example.</exception>
    public static ObjectUrl Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out ObjectUrl url)
            ? url
            : throw new FormatException($"'{text}' is no object's URL. Write it like s3://bucket/folder/name.");
    }

    /// <summary>Reads a URL; false where it is none.</summary>
    public static bool TryParse(string? text, out ObjectUrl url)
    {
        url = default;
        if (!IsUrl(text))
        {
            return false;
        }

        string rest = text[Scheme.Length..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        url = slash < 0 ? new ObjectUrl(rest, "") : new ObjectUrl(rest[..slash], rest[(slash + 1)..]);
        return url.Bucket.Length > 0;
    }

    /// <summary>What lies below, as a path is joined: one slash between them.</summary>
    public ObjectUrl Child(string name) =>
        this with { Key = Key.Length == 0 || Key.EndsWith('/') ? Key + name : $"{Key}/{name}" };

    /// <summary>The same with a slash behind a key that has none, so that what begins with it lies below.</summary>
    public ObjectUrl AsFolder() => Key.Length == 0 || Key.EndsWith('/') ? this : this with { Key = Key + "/" };

    /// <summary>The last part of the key: what stands behind its last slash.</summary>
    public string Name => Key[(Key.LastIndexOf('/') + 1)..];

    /// <summary>What it lies in: the key up to its last slash, and that too.</summary>
    public ObjectUrl Folder => this with { Key = Key[..(Key.LastIndexOf('/') + 1)] };

    public override string ToString() => $"{Scheme}{Bucket}/{Key}";
}
