using System.Security.Cryptography;
using System.Text;

namespace Lepton.Storage.Encryption;

/// <summary>
/// The key of one object, or of one multipart upload and the object that it becomes. Every stream of bytes that is
/// encrypted for it has a key of its own, made of this one and of the stream's mark. Thread safe.
/// </summary>
internal sealed class DataKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Size = 32;

    private static readonly byte[] s_purpose = Encoding.ASCII.GetBytes("lepton storage: blocks of one stream");
    private readonly byte[] _key;

    private DataKey(byte[] key) => _key = key;

    /// <summary>A random key.</summary>
    public static DataKey New() => new(RandomNumberGenerator.GetBytes(Size));

    /// <summary>A key that was wrapped.</summary>
    /// <exception cref="CryptographicException">It was wrapped with another key or in another context, or is
    /// damaged.</exception>
    public static DataKey Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> clusterKey, ReadOnlySpan<byte> context)
    {
        byte[] key = KeyWrap.Unwrap(wrapped, clusterKey, context);
        return key.Length == Size
            ? new DataKey(key)
            : throw new CryptographicException($"The data key has {key.Length} bytes; expected {Size}.");
    }

    /// <summary>Wraps it.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> clusterKey, ReadOnlySpan<byte> context) =>
        KeyWrap.Wrap(_key, clusterKey, context);

    /// <summary>The cipher of a stream. HKDF with SHA-256 (RFC 5869), the mark as salt.</summary>
    public BlockCipher OpenStream(StreamMark mark)
    {
        Span<byte> key = stackalloc byte[Size];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, key, mark.ToBytes(), s_purpose);
        return new BlockCipher(key);
    }
}
