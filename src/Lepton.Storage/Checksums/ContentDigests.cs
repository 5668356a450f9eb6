using System.Buffers.Binary;
using System.Security.Cryptography;
using Lepton.Core.Hashing;

namespace Lepton.Storage.Checksums;

/// <summary>Sums up bytes as they pass: MD5, which S3's entity tags are, and those checksums that were asked
/// for.</summary>
internal sealed class ContentDigests : IDisposable
{
#pragma warning disable CA5351 // S3 defines the entity tag as MD5; nothing here relies on it being hard to forge.
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
    private readonly IncrementalHash? _sha256;
    private readonly bool _hasCrc32;
    private readonly bool _hasCrc32C;
    private readonly bool _hasCrc64;
    private uint _crc32;
    private uint _crc32C;
    private ulong _crc64;
    private byte[]? _md5Value;
    private byte[]? _sha256Value;

    public ContentDigests(IReadOnlyCollection<ChecksumKind> kinds)
    {
        _hasCrc32 = kinds.Contains(ChecksumKind.Crc32);
        _hasCrc32C = kinds.Contains(ChecksumKind.Crc32C);
        _hasCrc64 = kinds.Contains(ChecksumKind.Crc64Nvme);
        _sha256 = kinds.Contains(ChecksumKind.Sha256) ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <summary>The MD5. No bytes can be added afterwards.</summary>
    public byte[] Md5 => _md5Value ??= _md5.GetHashAndReset();

    /// <summary>The checksum of bytes that are there at once.</summary>
    public static byte[] Compute(ChecksumKind kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        ChecksumKind.Crc32 => BigEndian(Crc32.Compute(bytes)),
        ChecksumKind.Crc32C => BigEndian(Crc32C.Compute(bytes)),
        ChecksumKind.Crc64Nvme => BigEndian(Crc64Nvme.Compute(bytes)),
        ChecksumKind.Sha256 => SHA256.HashData(bytes),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _md5.AppendData(bytes);
        _sha256?.AppendData(bytes);
        if (_hasCrc32)
        {
            _crc32 = Crc32.Compute(bytes, _crc32);
        }

        if (_hasCrc32C)
        {
            _crc32C = Crc32C.Compute(bytes, _crc32C);
        }

        if (_hasCrc64)
        {
            _crc64 = Crc64Nvme.Compute(bytes, _crc64);
        }
    }

    /// <summary>A checksum that was asked for; null where it was not. CRCs are big-endian, as S3 has them.</summary>
    public byte[]? Value(ChecksumKind kind) => kind switch
    {
        ChecksumKind.Crc32 => _hasCrc32 ? BigEndian(_crc32) : null,
        ChecksumKind.Crc32C => _hasCrc32C ? BigEndian(_crc32C) : null,
        ChecksumKind.Crc64Nvme => _hasCrc64 ? BigEndian(_crc64) : null,
        ChecksumKind.Sha256 => _sha256 is null ? null : _sha256Value ??= _sha256.GetHashAndReset(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public void Dispose()
    {
        _md5.Dispose();
        _sha256?.Dispose();
    }

    private static byte[] BigEndian(ulong value)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] BigEndian(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
