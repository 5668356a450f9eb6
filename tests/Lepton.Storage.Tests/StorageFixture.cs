using Amazon.Runtime;
using Amazon.S3;
using Lepton.Coordination.Client;
using Lepton.Storage.Hosting;
using Lepton.Storage.Keys;
using Lepton.Storage.Tests.S3;

namespace Lepton.Storage.Tests;

/// <summary>One storage node in this process, on a coordination member of its own; started by the first test.</summary>
public sealed class StorageFixture : IS3Server, IAsyncDisposable
{
    private readonly CoordinationFixture _coordination = new();
    private readonly TestFolder _folder = new();
    private readonly Lazy<Task<StorageNode>> _node;
    private CoordinationClient? _client;
    private int _buckets;

    public StorageFixture() => _node = new(StartAsync);

    public bool TakesChunks => true;

    internal Task<StorageNode> NodeAsync() => _node.Value;

    public Task<AmazonS3Client> NewS3Async() => NewS3Async(key: null);

    /// <summary>A client of AWS's SDK, with a key that may do everything, or the one given.</summary>
    internal async Task<AmazonS3Client> NewS3Async(AccessKey? key, Action<AmazonS3Config>? configure = null)
    {
        StorageNode node = await NodeAsync();
        key ??= await node.Keys.AddAsync([], mayWrite: true, CancellationToken.None);
        AmazonS3Config config = new()
        {
            ServiceURL = node.Address.GetLeftPart(UriPartial.Authority),
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
            Timeout = TimeSpan.FromMinutes(3),
        };
        configure?.Invoke(config);
        return new AmazonS3Client(new BasicAWSCredentials(key.Id, key.Secret), config);
    }

    /// <summary>A bucket's name that no other test has.</summary>
    public string NewBucketName() => $"bucket-{Interlocked.Increment(ref _buckets)}";

    public async ValueTask DisposeAsync()
    {
        if (_node.IsValueCreated)
        {
            await (await _node.Value).DisposeAsync();
            _client!.Dispose();
        }

        await _coordination.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<StorageNode> StartAsync()
    {
        _client = await _coordination.NewClientAsync();
        return await StorageNode.StartAsync(new StorageOptions
        {
            Name = "s1",
            DataDir = _folder.Child("s1"),
            Coordination = _client,
            Listen = "http://127.0.0.1:0",
            BlockBytes = 1024 * 1024,
        });
    }
}
