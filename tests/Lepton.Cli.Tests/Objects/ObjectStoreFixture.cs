using Lepton.Coordination.Client;
using Lepton.Coordination.Hosting;
using Lepton.Objects;
using Lepton.Storage.Hosting;

namespace Lepton.Cli.Tests.Objects;

/// <summary>An object store in this process, on a coordination member of its own; started by the first test.</summary>
public sealed class ObjectStoreFixture : IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder _folder = new();
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly Lazy<Task<StorageNode>> _node;
    private CoordinationClient? _client;
    private int _buckets;

    public ObjectStoreFixture() => _node = new(StartAsync);

    /// <summary>A bucket's name that no other test has.</summary>
    internal string NewBucketName() => $"bucket-{Interlocked.Increment(ref _buckets)}";

    /// <summary>The file with a key that may do everything, as users have it.</summary>
    internal async Task<string> CredentialsFileAsync() => (await _node.Value).CredentialsFile;

    /// <summary>The store, and a key that may do everything.</summary>
    internal async Task<StoreAddress> AddressAsync()
    {
        string[] lines = await File.ReadAllLinesAsync(await CredentialsFileAsync());
        return new StoreAddress
        {
            Endpoint = (await _node.Value).Address.GetLeftPart(UriPartial.Authority),
            KeyId = Value("aws_access_key_id"),
            Secret = Value("aws_secret_access_key"),
        };

        string Value(string name) => lines.Single(line => line.StartsWith(name, StringComparison.Ordinal))
            .Split('=', 2)[1].Trim();
    }

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out IAsyncDisposable? part))
        {
            await part.DisposeAsync();
        }

        _client?.Dispose();
        _folder.Dispose();
    }

    private async Task<StorageNode> StartAsync()
    {
        Coordinator member = await Coordinator.StartAsync(new CoordinatorOptions
        {
            Name = "object-tests",
            DataDir = _folder.File("coordination"),
            ListenClientUrls = ["http://127.0.0.1:0"],
            AdvertiseClientUrls = ["http://127.0.0.1:1"],
            ListenPeerUrls = ["http://127.0.0.1:0"],
            ElectionTimeout = TimeSpan.FromSeconds(2),
        });
        _parts.Push(member);
        _client = member.NewClient(new CoordinationClientOptions { CallTimeout = s_startTimeMax });
        StorageNode node = await StorageNode.StartAsync(new StorageOptions
        {
            Name = "s1",
            DataDir = _folder.File("objects"),
            Coordination = _client,
            Listen = "http://127.0.0.1:0",
        });
        _parts.Push(node);
        return node;
    }
}
