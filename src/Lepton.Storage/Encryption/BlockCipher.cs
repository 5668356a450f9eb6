using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Lepton.Storage.Encryption;

/// <summary>
/// Encrypts the blocks of one stream with AES-256-GCM (NIST SP 800-38D) under the stream's own key. The nonce is the
/// block's place in the stream, so that a key sees each nonce once, and a block opens in its place alone. One flow at a
/// time.
/// </summary>
internal sealed class BlockCipher : IDisposable
{
    /// <summary>By how many bytes an encrypted block is longer.</summary>
    public const int TagBytes = 16;

    /// <summary>Bytes of a nonce.</summary>
    public const int NonceBytes = 12;

    private readonly AesGcm _gcm;

    public BlockCipher(ReadOnlySpan<byte> key) => _gcm = new AesGcm(key, TagBytes);

    /// <summary>Encrypts a block.</summary>
    /// <param name="place">Which of the stream it is, from 0. Never the same twice while encrypting.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="encrypted">Gets as many bytes, and the tag behind them.</param>
    public void Encrypt(long place, ReadOnlySpan<byte> content, Span<byte> encrypted) =>
        Encrypt(NonceOf(place), content, encrypted);

    /// <summary>Decrypts a block.</summary>
    /// <returns>False where it is none that this stream has in this place; the content is zeros then.</returns>
    public bool TryDecrypt(long place, ReadOnlySpan<byte> encrypted, Span<byte> content)
    {
        try
        {
            _gcm.Decrypt(NonceOf(place), encrypted[..^TagBytes], encrypted[^TagBytes..], content);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _gcm.Dispose();

    /// <summary>Encrypts under any nonce, as published vectors do.</summary>
    internal void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> content, Span<byte> encrypted) =>
        _gcm.Encrypt(nonce, content, encrypted[..content.Length], encrypted.Slice(content.Length, TagBytes));

    /// <summary>A place as a nonce: big-endian, in the last 8 bytes.</summary>
    internal static byte[] NonceOf(long place)
    {
        byte[] nonce = new byte[NonceBytes];
        BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(NonceBytes - sizeof(long)), place);
        return nonce;
    }
}
