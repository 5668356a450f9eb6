using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Encryption;

/// <summary>What a wrapped key is bound to. Its record can't be moved to another name or to other blocks.</summary>
internal static class WrapContext
{
    /// <summary>The key of an object: its bucket, its key, and its list of blocks with their order.</summary>
    public static byte[] OfObject(string bucket, string key, ContentRecord content)
    {
        Span<byte> shape = stackalloc byte[sizeof(long) + 1];
        BinaryPrimitives.WriteInt64LittleEndian(shape, content.Size);
        shape[^1] = content.IsManifest ? (byte)1 : (byte)0;
        using IncrementalHash hash = Begin("object", bucket, key);
        Add(hash, shape);
        Add(hash, content.Packed);
        return hash.GetHashAndReset();
    }

    /// <summary>The key of an upload: its bucket, the key of the object to be, and its id.</summary>
    public static byte[] OfUpload(string bucket, string key, string uploadId)
    {
        using IncrementalHash hash = Begin("upload", bucket, key);
        Add(hash, Encoding.UTF8.GetBytes(uploadId));
        return hash.GetHashAndReset();
    }

    private static IncrementalHash Begin(string kind, string bucket, string key)
    {
        IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Encoding.UTF8.GetBytes(kind));
        Add(hash, Encoding.UTF8.GetBytes(bucket));
        Add(hash, Encoding.UTF8.GetBytes(key));
        return hash;
    }

    /// <summary>With its length before it, nothing can pass for something else that was cut elsewhere.</summary>
    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, field.Length);
        hash.AppendData(length);
        hash.AppendData(field);
    }
}
