using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Lepton.Storage.Blocks;

namespace Lepton.Storage.Metadata;

/// <summary>A bucket.</summary>
/// <param name="CreatedMs">When it was made, in milliseconds since 1970.</param>
internal sealed record BucketRecord(long CreatedMs);

/// <summary>Where an object's bytes are.</summary>
/// <param name="Size">How many bytes.</param>
/// <param name="Packed">The references, one after the other: id (32 bytes), length (4, little-endian).</param>
/// <param name="IsManifest">Whether they are of blocks that hold references of the same form, not of the data.</param>
internal sealed record ContentRecord(long Size, byte[] Packed, bool IsManifest)
{
    /// <summary>The references.</summary>
    [JsonIgnore]
    public IReadOnlyList<BlockRef> Refs => BlockList.Unpack(Packed);
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
internal sealed record ObjectRecord(
    ContentRecord Content, string ETag, long ModifiedMs, AttributesRecord Attributes,
    SortedDictionary<string, string> Checksums);

/// <summary>A multipart upload that is not complete.</summary>
/// <param name="StartedMs">When it began, in milliseconds since 1970.</param>
/// <param name="Attributes">Of the object to be.</param>
/// <param name="Checksum">The checksum that parts have; null for none.</param>
/// <param name="IsWhole">Whether the object gets that of all its bytes, not one of its parts' checksums.</param>
internal sealed record UploadRecord(
    long StartedMs, AttributesRecord Attributes, string? Checksum, bool IsWhole);

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
