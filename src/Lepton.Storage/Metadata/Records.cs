using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Lepton.Storage.Blocks;

namespace Lepton.Storage.Metadata;

/// <summary>A bucket.</summary>
/// <param name="CreatedMs">When it was made, in milliseconds since 1970.</param>
/// <param name="Encryption">How new objects are encrypted that say nothing of it: <c>AES256</c>; null for not at
/// all.</param>
internal sealed record BucketRecord(
    long CreatedMs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Encryption = null);

/// <summary>Where an object's bytes are.</summary>
/// <param name="Size">How many bytes.</param>
/// <param name="Packed">The references, one after the other: id (32 bytes), length (4, little-endian). In what is
/// encrypted, marks of streams between them, of length 0.</param>
/// <param name="IsManifest">Whether they are of blocks that hold references of the same form, not of the data.</param>
internal sealed record ContentRecord(long Size, byte[] Packed, bool IsManifest)
{
    /// <summary>The references, without marks.</summary>
    [JsonIgnore]
    public IReadOnlyList<BlockRef> Refs => [.. BlockList.Unpack(Packed).Where(static entry => !entry.IsMark)];
}

/// <summary>What a client said of an object.</summary>
/// <param name="Headers">Of S3's content headers those that were given, by name: <c>Content-Type</c> and so on.</param>
/// <param name="User">User metadata, without <c>x-amz-meta-</c>.</param>
internal sealed record AttributesRecord(
    SortedDictionary<string, string> Headers, SortedDictionary<string, string> User)
{
    public static AttributesRecord Empty { get; } = new([], []);
}

/// <summary>An object.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="ETag">Its entity tag, without quotes.</param>
/// <param name="ModifiedMs">When it was put, in milliseconds since 1970, whole seconds. It orders nothing.</param>
/// <param name="Attributes">What the client said of it.</param>
/// <param name="Checksums">Base64 of its checksums by kind; with <c>-N</c> where it is one of N parts'
/// checksums.</param>
/// <param name="Encryption">Its data key; null where it is not encrypted.</param>
internal sealed record ObjectRecord(
    ContentRecord Content, string ETag, long ModifiedMs, AttributesRecord Attributes,
    SortedDictionary<string, string> Checksums,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] WrappedKey? Encryption = null);

/// <summary>A data key, encrypted.</summary>
/// <param name="KeyId">Under which cluster key.</param>
/// <param name="Wrapped">The key, bound to what it is for.</param>
internal sealed record WrappedKey(string KeyId, byte[] Wrapped);

/// <summary>A multipart upload that is not complete.</summary>
/// <param name="StartedMs">When it began, in milliseconds since 1970.</param>
/// <param name="Attributes">Of the object to be.</param>
/// <param name="Checksum">The checksum that parts have; null for none.</param>
/// <param name="IsWhole">Whether the object gets that of all its bytes, not one of its parts' checksums.</param>
/// <param name="Encryption">The data key of its parts and of the object to be; null where they are not
/// encrypted.</param>
internal sealed record UploadRecord(
    long StartedMs, AttributesRecord Attributes, string? Checksum, bool IsWhole,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] WrappedKey? Encryption = null);

/// <summary>A part of such an upload.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="ETag">Its entity tag, without quotes.</param>
/// <param name="ModifiedMs">When it was put, in milliseconds since 1970.</param>
/// <param name="Checksums">Base64 of its checksums by kind.</param>
internal sealed record PartRecord(
    ContentRecord Content, string ETag, long ModifiedMs, SortedDictionary<string, string> Checksums);

/// <summary>An access key.</summary>
/// <param name="Secret">Its secret, encrypted (nonce, ciphertext, tag): Signature V4 needs it in clear to
/// verify.</param>
/// <param name="Buckets">The buckets that it is for; none for all.</param>
/// <param name="MayWrite">Whether it may change anything.</param>
/// <param name="CreatedMs">When it was made, in milliseconds since 1970.</param>
internal sealed record AccessKeyRecord(byte[] Secret, string[] Buckets, bool MayWrite, long CreatedMs);

/// <summary>A cluster key.</summary>
/// <param name="Sealed">The key, encrypted under the nodes' secret key (nonce, ciphertext, tag).</param>
/// <param name="CreatedMs">When it was made, in milliseconds since 1970.</param>
/// <param name="IsUnused">Whether another replaced it, and nothing is wrapped with it any more.</param>
internal sealed record ClusterKeyRecord(byte[] Sealed, long CreatedMs, bool IsUnused);

/// <summary>Which cluster key wraps what is new.</summary>
/// <param name="KeyId">Its id.</param>
internal sealed record CurrentKeyRecord(string KeyId);

/// <summary>What all nodes of a store have in common.</summary>
/// <param name="StoreId">Which store; in every node's directory as well.</param>
/// <param name="Copies">How many copies a block has, where there are as many nodes.</param>
/// <param name="KeyFingerprint">By which the right secret key is told from a wrong one.</param>
internal sealed record StoreRecord(string StoreId, int Copies, string KeyFingerprint);

/// <summary>A node of the store, whether it runs or not.</summary>
/// <param name="NodeId">Which; as its directory says.</param>
/// <param name="Name">Its name; the key has it, too.</param>
/// <param name="Address">Where it gives and takes blocks.</param>
/// <param name="Zone">What it may be lost together with.</param>
/// <param name="Weight">Its share of the blocks.</param>
/// <param name="IsDraining">Whether its blocks are to go elsewhere.</param>
/// <param name="Starts">How often it has started: a directory that says less is an old copy.</param>
internal sealed record NodeRecord(
    string NodeId, string Name, string Address, string Zone, double Weight, bool IsDraining, long Starts);

/// <summary>A node's sign of life, under a lease.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Starts">Which of its starts.</param>
internal sealed record LiveRecord(string Name, long Starts);

/// <summary>Whose a data directory is.</summary>
/// <param name="StoreId">Of which store; empty before the first one was joined.</param>
/// <param name="NodeId">Of which node.</param>
/// <param name="Name">Its name.</param>
/// <param name="Starts">How often it has started.</param>
internal sealed record DirectoryRecord(string StoreId, string NodeId, string Name, long Starts);

/// <summary>Writes records as JSON and reads them. Partial because the code is generated.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BucketRecord))]
[JsonSerializable(typeof(ObjectRecord))]
[JsonSerializable(typeof(UploadRecord))]
[JsonSerializable(typeof(PartRecord))]
[JsonSerializable(typeof(AccessKeyRecord))]
[JsonSerializable(typeof(ClusterKeyRecord))]
[JsonSerializable(typeof(CurrentKeyRecord))]
[JsonSerializable(typeof(StoreRecord))]
[JsonSerializable(typeof(NodeRecord))]
[JsonSerializable(typeof(LiveRecord))]
[JsonSerializable(typeof(DirectoryRecord))]
internal sealed partial class RecordJson : JsonSerializerContext
{
    public static byte[] Write<T>(T record, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(record, type);

    /// <exception cref="InvalidDataException">The entry is no such record.</exception>
    public static T Read<T>(MetadataEntry entry, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(entry.Value.Span, type)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"The key '{entry.Key}' of the coordination store is no {typeof(T).Name}: {e.Message} Something else " +
                $"than Lepton has written under {MetadataKeys.Root}; restore the key from a snapshot.",
                e);
        }
    }
}
