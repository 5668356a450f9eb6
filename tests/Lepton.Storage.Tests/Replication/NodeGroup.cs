using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Coordination.Client;
using Lepton.Storage.Cluster;
using Lepton.Storage.Hosting;
using Lepton.Storage.Keys;

namespace Lepton.Storage.Tests.Replication;

/// <summary>Storage nodes in this process, of a store of their own on a coordination member of its own.</summary>
internal sealed class NodeGroup : IAsyncDisposable
{
    private readonly CoordinationFixture _coordination = new();
    private readonly TestFolder _folder = new();
    private readonly Dictionary<string, StorageNode> _nodes = [];
    private readonly List<AmazonS3Client> _clients = [];
    private CoordinationClient? _client;
    private AccessKey? _key;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A client of the coordination store.</summary>
    public CoordinationClient Client => _client!;

    /// <summary>A node.</summary>
    public StorageNode this[string name] => _nodes[name];

    /// <summary>A node by its id.</summary>
    public StorageNode Of(NodeId id) => _nodes.Values.Single(node => node.Cluster.Self == id);

    /// <summary>The data directory of a node.</summary>
    public string DirectoryOf(string name) => _folder.Child(name);

    /// <summary>Starts a node, again or for the first time.</summary>
    public async Task<StorageNode> StartAsync(string name, Func<StorageOptions, StorageOptions>? configure = null)
    {
        _client ??= await _coordination.NewClientAsync();
        StorageOptions options = new()
        {
            Name = name,
            DataDir = DirectoryOf(name),
            Coordination = _client,
            Listen = "http://127.0.0.1:0",
            BlockBytes = 64 * 1024,
            SecretKeyFile = _nodes.Count == 0 ? null : Path.Combine(DirectoryOf(_nodes.Keys.First()), "secret.key"),
            UpkeepPeriod = TimeSpan.Zero,
            RepairPeriod = TimeSpan.Zero,
            ScrubWithin = TimeSpan.Zero,
            RepairAfter = TimeSpan.FromTicks(1),
        };
        StorageNode node = await StorageNode.StartAsync(configure?.Invoke(options) ?? options, Cancellation);
        _nodes[name] = node;
        _key ??= await node.Keys.AddAsync([], mayWrite: true, Cancellation);
        return node;
    }

    /// <summary>Starts nodes, and waits until each knows of all.</summary>
    public async Task StartAsync(params string[] names)
    {
        foreach (string name in names)
        {
            await StartAsync(name, configure: null);
        }

        await KnowEachOtherAsync();
    }

    /// <summary>Waits until each node knows that all live that were started and not stopped.</summary>
    public async Task KnowEachOtherAsync()
    {
        foreach (StorageNode node in _nodes.Values)
        {
            await node.Cluster.WaitAsync(
                view => view.Live.Count == _nodes.Count && _nodes.Values.All(one => view.IsLive(one.Cluster.Self)),
                Cancellation);
        }
    }

    /// <summary>Stops a node, and waits until the others know.</summary>
    public async Task StopAsync(string name)
    {
        Assert.True(_nodes.Remove(name, out StorageNode? node));
        await node.DisposeAsync();
        await KnowEachOtherAsync();
    }

    /// <summary>A client of one node, with a key that may do everything.</summary>
    public AmazonS3Client NewS3(string name)
    {
        AmazonS3Client client = new(
            new BasicAWSCredentials(_key!.Id, _key.Secret),
            new AmazonS3Config
            {
                ServiceURL = _nodes[name].Address.GetLeftPart(UriPartial.Authority),
                ForcePathStyle = true,
                AuthenticationRegion = "us-east-1",
                MaxErrorRetry = 0,
                Timeout = TimeSpan.FromMinutes(3),
            });
        _clients.Add(client);
        return client;
    }

    /// <summary>Puts an object through a node.</summary>
    public async Task PutAsync(string through, string bucket, string key, byte[] content)
    {
        using MemoryStream body = new(content);
        await NewS3(through).PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = key, InputStream = body }, Cancellation);
    }

    /// <summary>Reads an object through a node.</summary>
    public async Task<byte[]> GetAsync(string through, string bucket, string key)
    {
        using GetObjectResponse read = await NewS3(through).GetObjectAsync(bucket, key, Cancellation);
        using MemoryStream content = new();
        await read.ResponseStream.CopyToAsync(content, Cancellation);
        return content.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(static client => client.Dispose());
        foreach (StorageNode node in _nodes.Values)
        {
            await node.DisposeAsync();
        }

        _client?.Dispose();
        await _coordination.DisposeAsync();
        _folder.Dispose();
    }
}
