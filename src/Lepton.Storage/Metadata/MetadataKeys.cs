using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Metadata;

/// <summary>Where the metadata lies in the coordination store. Objects are ordered by the bytes of their keys, as
/// S3's.</summary>
internal static class MetadataKeys
{
    /// <summary>What every key begins with.</summary>
    public const string Root = "/lepton/storage/";

    private const string Buckets = Root + "buckets/";
    private const string Objects = Root + "objects/";
    private const string Uploads = Root + "uploads/";
    private const string Parts = Root + "parts/";
    private const string Keys = Root + "access-keys/";

    private const string Encryption = Root + "encryption/";
    private const string ClusterKeys = Encryption + "keys/";
    private const string Cluster = Root + "cluster/";

    /// <summary>What every node's name follows in the key of its record.</summary>
    public const string Nodes = Cluster + "nodes/";

    /// <summary>What every node's id follows in the key that says that it lives.</summary>
    public const string LiveNodes = Cluster + "live/";

    /// <summary>What every node's id follows in the key that says that it was removed.</summary>
    public const string RemovedNodes = Cluster + "removed/";

    /// <summary>What all nodes have in common.</summary>
    public static Bytes Store => Cluster + "store";

    /// <summary>Which cluster key wraps what is new.</summary>
    public static Bytes CurrentClusterKey => Encryption + "current";

    public static KeyRange AllClusterKeys => KeyRange.Prefix(ClusterKeys);

    /// <summary>All that is known of the nodes.</summary>
    public static KeyRange AllOfCluster => KeyRange.Prefix(Cluster);

    public static KeyRange AllBuckets => KeyRange.Prefix(Buckets);

    public static KeyRange AllObjects => KeyRange.Prefix(Objects);

    public static KeyRange AllUploads => KeyRange.Prefix(Uploads);

    public static KeyRange AllParts => KeyRange.Prefix(Parts);

    public static KeyRange AllAccessKeys => KeyRange.Prefix(Keys);

    public static Bytes Bucket(string bucket) => Buckets + bucket;

    public static string ObjectsOf(string bucket) => $"{Objects}{bucket}/";

    public static Bytes Object(string bucket, string key) => ObjectsOf(bucket) + key;

    public static string UploadsOf(string bucket) => $"{Uploads}{bucket}/";

    /// <summary>A zero byte, which no object's key has, keeps uploads in the order of keys, then of ids.</summary>
    public static Bytes Upload(string bucket, string key, string uploadId) => $"{UploadsOf(bucket)}{key}\0{uploadId}";

    public static KeyRange PartsOf(string uploadId) => KeyRange.Prefix($"{Parts}{uploadId}/");

    public static Bytes Part(string uploadId, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Parts}{uploadId}/{number:D5}");

    public static Bytes AccessKey(string id) => Keys + id;

    public static Bytes ClusterKey(string id) => ClusterKeys + id;

    /// <summary>The bucket and the object's key that are in the key of its record.</summary>
    public static (string Bucket, string Key) ObjectOf(Bytes key) => Split(After(Objects, key));

    /// <summary>The bucket, the object's key and the id that are in the key of an upload's record.</summary>
    public static (string Bucket, string Key, string UploadId) UploadOf(Bytes key)
    {
        (string bucket, string rest) = Split(After(Uploads, key));
        int zero = rest.LastIndexOf('\0');
        return (bucket, rest[..zero], rest[(zero + 1)..]);
    }

    public static Bytes Node(string name) => Nodes + name;

    public static Bytes LiveNode(NodeId node) => LiveNodes + node.Value;

    public static Bytes RemovedNode(NodeId node) => RemovedNodes + node.Value;

    /// <summary>What follows a prefix in a key.</summary>
    public static string After(string prefix, Bytes key) => key.ToString()[prefix.Length..];

    /// <summary>Buckets' names have no slash.</summary>
    private static (string Bucket, string Remainder) Split(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return (text[..slash], text[(slash + 1)..]);
    }
}
