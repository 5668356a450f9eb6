using System.Security.Cryptography;
using System.Text;
using Lepton.Core.Durability;

namespace Lepton.Storage.Keys;

/// <summary>
/// Encrypts secrets with AES-256-GCM under the key in a file. Each has a random nonce of 96 bits (NIST SP 800-38D
/// §8.2.2), so that a restored backup repeats none; keys are made by people, far fewer than the 2^32 for which that is
/// safe. Thread safe.
/// </summary>
internal sealed class SecretBox(byte[] key)
{
    /// <summary>Bytes of the key.</summary>
    public const int KeyBytes = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Reads the key from a file; makes it, readable by its owner alone, where there is none.</summary>
    /// <exception cref="IOException">The file can't be used.</exception>
    /// <exception cref="InvalidDataException">It holds no key.</exception>
    public static SecretBox OpenOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            PrivateFile.Write(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)) + "\n");
        }

        return Open(path);
    }

    /// <summary>By which this key is told from another; says nothing of the key itself.</summary>
    public string Fingerprint => Derive("lepton storage: fingerprint of the secret key", 8);

    /// <summary>With what nodes that have this key prove that to each other.</summary>
    public string NodeToken => Derive("lepton storage: token between nodes", 32);

    /// <summary>Reads the key from a file.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="InvalidDataException">It holds no key.</exception>
    public static SecretBox Open(string path)
    {
        string text = File.ReadAllText(path).Trim();
        return text.Length == 2 * KeyBytes && text.All(char.IsAsciiHexDigit)
            ? new SecretBox(Convert.FromHexString(text))
            : throw new InvalidDataException(
                $"{path} holds no key: expected {2 * KeyBytes} hexadecimal digits. Restore it from a backup, or from " +
                "another node of the store: without it, the access keys of this store can't be read.");
    }

    /// <summary>Encrypts a secret.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="name">Whose it is; it opens under no other name.</param>
    public byte[] Seal(string secret, string name) => SealKey(Encoding.UTF8.GetBytes(secret), name);

    /// <summary>Encrypts a key.</summary>
    /// <param name="plain">The key.</param>
    /// <param name="name">Which it is; it opens under no other name.</param>
    public byte[] SealKey(byte[] plain, string name)
    {
        byte[] box = new byte[NonceBytes + plain.Length + TagBytes];
        Span<byte> nonce = box.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using AesGcm gcm = new(key, TagBytes);
        gcm.Encrypt(
            nonce, plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length),
            Encoding.UTF8.GetBytes(name));
        return box;
    }

    /// <summary>Decrypts a secret.</summary>
    /// <exception cref="InvalidDataException">It was encrypted with another key, for another name, or is
    /// damaged.</exception>
    public string Open(byte[] box, string name)
    {
        return OpenKey(box, name) is { } plain
            ? Encoding.UTF8.GetString(plain)
            : throw new InvalidDataException(
                $"The secret of the access key '{name}' can't be decrypted: it was encrypted with another key than " +
                "that in " +
                "the data directory's secret.key, or is damaged. Restore that file, or remove the access key and " +
                "make another.");
    }

    /// <summary>Decrypts a key; null where it was encrypted with another key, for another name, or is
    /// damaged.</summary>
    public byte[]? OpenKey(byte[] box, string name)
    {
        if (box.Length < NonceBytes + TagBytes)
        {
            return null;
        }

        try
        {
            byte[] plain = new byte[box.Length - NonceBytes - TagBytes];
            using AesGcm gcm = new(key, TagBytes);
            gcm.Decrypt(
                box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length),
                plain, Encoding.UTF8.GetBytes(name));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>A secret of its own for each purpose (HKDF, RFC 5869).</summary>
    private string Derive(string purpose, int bytes) => Convert.ToHexStringLower(HKDF.DeriveKey(
        HashAlgorithmName.SHA256, key, bytes, info: Encoding.ASCII.GetBytes(purpose)));
}

/// <summary>Files that only their owner may read.</summary>
internal static class PrivateFile
{
    /// <summary>Writes a file, durably and in one step: it has all of the text, or is as it was.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public static void Write(string path, string text)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // One that a crash left behind may not have these rights.
        string temporary = path + ".tmp";
        File.Delete(temporary);
        using (FileStream file = new(temporary, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
        }

        DurableFile.ReplaceAtomic(temporary, path);
    }
}
