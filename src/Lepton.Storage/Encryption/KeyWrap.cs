using System.Security.Cryptography;
using System.Text;

namespace Lepton.Storage.Encryption;

/// <summary>
/// Wraps keys with AES-256 key wrap with padding (RFC 5649). The key that wraps is made of a cluster key and of a
/// context (HKDF with SHA-256, RFC 5869), so that what was wrapped in one context opens in no other. There is no nonce
/// that could repeat.
/// </summary>
internal static class KeyWrap
{
    private const int KeyBytes = 32;
    private static readonly byte[] s_purpose = Encoding.ASCII.GetBytes("lepton storage: wrapping a data key");

    /// <summary>Wraps a key.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> clusterKey, ReadOnlySpan<byte> context) =>
        WrapUnder(KeyOf(clusterKey, context), key);

    /// <summary>Undoes it.</summary>
    /// <exception cref="CryptographicException">It was wrapped otherwise, or is damaged.</exception>
    public static byte[] Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> clusterKey, ReadOnlySpan<byte> context)
    {
        if (wrapped.Length % 8 != 0 || wrapped.Length < 16)
        {
            throw new CryptographicException($"The wrapped key has {wrapped.Length} bytes, which none has.");
        }

        using Aes aes = Aes.Create();
        aes.Key = KeyOf(clusterKey, context);
        return aes.DecryptKeyWrapPadded(wrapped);
    }

    /// <summary>Wraps under the key that wraps itself, as published vectors do.</summary>
    internal static byte[] WrapUnder(byte[] wrapping, ReadOnlySpan<byte> key)
    {
        using Aes aes = Aes.Create();
        aes.Key = wrapping;
        return aes.EncryptKeyWrapPadded(key);
    }

    private static byte[] KeyOf(ReadOnlySpan<byte> clusterKey, ReadOnlySpan<byte> context) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, clusterKey.ToArray(), KeyBytes, info: [.. s_purpose, .. context]);
}
