using Lepton.Storage.Checksums;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Bodies;

namespace Lepton.Storage.S3.Requests;

/// <summary>The checksums that a request names, in headers or behind its body.</summary>
internal sealed class ChecksumHeaders
{
    private const string Prefix = "x-amz-checksum-";
    private readonly Dictionary<ChecksumKind, string> _expected = [];
    private readonly List<ChecksumKind> _trailing = [];
    private readonly string? _md5;

    private ChecksumHeaders(string? md5) => _md5 = md5;

    /// <summary>No checksums.</summary>
    public static ChecksumHeaders None => new(null);

    /// <summary>What is to be computed.</summary>
    public HashSet<ChecksumKind> Kinds { get; } = [];

    /// <summary>Reads them.</summary>
    /// <exception cref="S3Exception">One is malformed, or of a kind that is not supported.</exception>
    public static ChecksumHeaders Parse(S3Request request)
    {
        ChecksumHeaders all = new(request.Header("Content-MD5"));
        if (all._md5 is { } md5 && !IsBase64Of(md5, 16))
        {
            throw new S3Exception(S3Error.InvalidDigest, $"Content-MD5 is '{md5}'; expected base64 of 16 bytes.");
        }

        foreach ((string name, var value) in request.Headers)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && !IsControl(name))
            {
                ChecksumKind kind = KindOf(name[Prefix.Length..]);
                all._expected[kind] = value.ToString();
                all.Kinds.Add(kind);
            }
        }

        foreach (string name in (request.Header("x-amz-trailer") ?? "").Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            ChecksumKind kind = name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
                ? KindOf(name[Prefix.Length..])
                : throw S3Exception.NotImplemented($"The trailing header {name}");
            all._trailing.Add(kind);
            all.Kinds.Add(kind);
        }

        if (Asked(request) is { } asked)
        {
            all.Kinds.Add(asked);
        }

        return all;
    }

    /// <summary>The kind that a request asks for without giving a value; null for none.</summary>
    public static ChecksumKind? Asked(S3Request request) =>
        (request.Header("x-amz-checksum-algorithm") ?? request.Header("x-amz-sdk-checksum-algorithm")) is { } name
            ? KindOf(name)
            : null;

    /// <summary>Whether an upload asks for the checksum of all bytes, which only CRCs can be joined to.</summary>
    /// <exception cref="S3Exception">It asks for one that there is not.</exception>
    public static bool IsWhole(S3Request request, ChecksumKind? kind) => request.Header(Prefix + "type") switch
    {
        null or "FULL_OBJECT" when kind is ChecksumKind.Crc64Nvme => true,
        null => false,
        "COMPOSITE" when kind is not ChecksumKind.Crc64Nvme => false,
        "FULL_OBJECT" when kind is ChecksumKind.Crc32 or ChecksumKind.Crc32C => true,
        string other => throw S3Exception.NotImplemented($"The checksum type {other} of {kind}"),
    };

    /// <summary>The header of a kind.</summary>
    public static string NameOf(string kind) => Prefix + kind.ToLowerInvariant();

    /// <summary>The element of a kind.</summary>
    public static string ElementOf(string kind) => "Checksum" + kind.ToUpperInvariant();

    /// <summary>Compares what came with what was said.</summary>
    /// <exception cref="S3Exception">A checksum differs.</exception>
    public void Check(ContentDigests digests, IReadOnlyDictionary<string, string>? trailers)
    {
        foreach (ChecksumKind kind in _trailing)
        {
            _expected[kind] = trailers?.GetValueOrDefault(NameOf(kind.ToString())) ?? "";
        }

        if (_md5 is not null && Convert.ToBase64String(digests.Md5) != _md5)
        {
            throw Differs("Content-MD5", _md5, digests.Md5);
        }

        foreach ((ChecksumKind kind, string expected) in _expected)
        {
            byte[] value = digests.Value(kind)!;
            if (Convert.ToBase64String(value) != expected)
            {
                throw Differs(NameOf(kind.ToString()), expected, value);
            }
        }
    }

    private static bool IsControl(string name) =>
        name.Equals(Prefix + "algorithm", StringComparison.OrdinalIgnoreCase)
        || name.Equals(Prefix + "mode", StringComparison.OrdinalIgnoreCase)
        || name.Equals(Prefix + "type", StringComparison.OrdinalIgnoreCase);

    private static S3Exception Differs(string name, string expected, byte[] found) => new(
        S3Error.BadDigest,
        $"{name} is '{expected}', and the body's is {Convert.ToBase64String(found)}. It changed on the way, or the " +
        "value is wrong; send it again.");

    private static ChecksumKind KindOf(string name) => name.ToUpperInvariant() switch
    {
        "CRC32" => ChecksumKind.Crc32,
        "CRC32C" => ChecksumKind.Crc32C,
        "CRC64NVME" => ChecksumKind.Crc64Nvme,
        "SHA256" => ChecksumKind.Sha256,
        _ => throw S3Exception.NotImplemented($"The checksum {name}"),
    };

    private static bool IsBase64Of(string text, int bytes)
    {
        byte[] buffer = new byte[bytes + 3];
        return Convert.TryFromBase64String(text, buffer, out int written) && written == bytes;
    }
}
