using Lepton.Coordination.Client;
using Lepton.Coordination.Hosting;
using Lepton.Storage.Hosting;

namespace Lepton.Objects.Tests;

/// <summary>An object store in this process: a storage node on a coordination member of its own.</summary>
public sealed class StoreFixture : IAsyncLifetime
{
    private const string Bucket = "tests";
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromMinutes(2);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-store-");
    private Coordinator? _member;
    private CoordinationClient? _client;
    private StorageNode? _node;
    private (string Id, string Secret) _key;
    private int _places;

    /// <summary>Where the node's data lies; null for a folder of the fixture's own.</summary>
    public string? DataDir { get; init; }

    /// <summary>Where it is, with a key that may do everything.</summary>
    public StoreAddress Address => new()
    {
        Endpoint = _node!.Address.GetLeftPart(UriPartial.Authority), KeyId = _key.Id, Secret = _key.Secret,
    };

    private string NodeDirectory => DataDir ?? Path.Combine(_folder.FullName, "s1");

    /// <summary>The file with the first key, as the node made it.</summary>
    public string CredentialsFile => _node!.CredentialsFile;

    /// <summary>What has AWS's tools, and ranks, find it.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["AWS_ENDPOINT_URL"] = Address.Endpoint!,
        ["AWS_ACCESS_KEY_ID"] = Address.KeyId!,
        ["AWS_SECRET_ACCESS_KEY"] = Address.Secret!,
    };

    /// <summary>The store with a key that may only read.</summary>
    public async Task<StoreAddress> NewReaderAsync()
    {
        (string id, string secret) = await new StorageKeys(_client!, NodeDirectory)
            .AddAsync([], mayWrite: false);
        return new StoreAddress { Endpoint = Address.Endpoint, KeyId = id, Secret = secret };
    }

    /// <summary>A bucket's name that no other test has.</summary>
    public string NewBucketName() => $"bucket-{Interlocked.Increment(ref _places)}";

    /// <summary>A place that no other test has.</summary>
    public async Task<ObjectUrl> NewPlaceAsync()
    {
        using ObjectClient objects = new(Address);
        await objects.MakeBucketAsync(Bucket);
        return new ObjectUrl(Bucket, $"places/{Interlocked.Increment(ref _places)}");
    }

    public async ValueTask InitializeAsync()
    {
        _member = await Coordinator.StartAsync(new CoordinatorOptions
        {
            Name = "store",
            DataDir = Path.Combine(_folder.FullName, "coordination"),
            ListenClientUrls = ["http://127.0.0.1:0"],
            AdvertiseClientUrls = ["http://127.0.0.1:1"],
            ListenPeerUrls = ["http://127.0.0.1:0"],
        });
        _client = _member.NewClient(new CoordinationClientOptions { CallTimeout = s_startTimeMax });
        _node = await StorageNode.StartAsync(new StorageOptions
        {
            Name = "s1",
            DataDir = NodeDirectory,
            Coordination = _client,
            Listen = "http://127.0.0.1:0",
        });
        _key = await new StorageKeys(_client, NodeDirectory).AddAsync([], mayWrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _node!.DisposeAsync();
        _client!.Dispose();
        await _member!.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
