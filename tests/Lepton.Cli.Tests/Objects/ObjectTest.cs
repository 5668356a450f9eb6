using Lepton.Objects;
using Lepton.Objects.Tests;

namespace Lepton.Cli.Tests.Objects;

/// <summary>A test of the object commands with a bucket and a folder of its own.</summary>
[Collection(ObjectCollection.Name)]
public abstract class ObjectTest(StoreFixture store) : IAsyncLifetime
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected StoreFixture Store { get; } = store;

    private protected TemporaryFolder Folder { get; } = new();

    private protected ObjectUrl Bucket { get; } = new(store.NewBucketName(), "");

    private protected ObjectClient Objects { get; private set; } = null!;

    /// <summary>The bucket as users write it.</summary>
    private protected string Url => ObjectUrl.Scheme + Bucket.Bucket;

    /// <summary>What users set before they call the commands.</summary>
    private protected Dictionary<string, string> Environment => new()
    {
        ["AWS_ENDPOINT_URL_S3"] = Address.Endpoint!,
        ["AWS_ACCESS_KEY_ID"] = Address.KeyId!,
        ["AWS_SECRET_ACCESS_KEY"] = Address.Secret!,
        ["AWS_SESSION_TOKEN"] = "",
    };

    private protected StoreAddress Address => Store.Address;

    public async ValueTask InitializeAsync()
    {
        Objects = new ObjectClient(Address);
        await Objects.MakeBucketAsync(Bucket.Bucket, Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Objects?.Dispose();
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected StartedLepton Start(params string[] arguments) =>
        StartedLepton.Start("Lepton.Cli", Environment, ["object", .. arguments]);

    /// <summary>Runs a command to its end.</summary>
    private protected async Task<LeptonRun> RunAsync(params string[] arguments)
    {
        await using StartedLepton started = Start(arguments);
        return await started.EndAsync();
    }

    /// <summary>Runs a command that has to end well, and gives its lines.</summary>
    private protected async Task<string[]> LinesAsync(params string[] arguments)
    {
        using LeptonRun run = await RunAsync(arguments);
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        return run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private protected Task PutAsync(string key, string content) => Objects.PutAsync(
        Bucket with { Key = key }, System.Text.Encoding.UTF8.GetBytes(content), Cancellation);

    private protected async Task<string> ReadAsync(string key) => System.Text.Encoding.UTF8.GetString(
        await Objects.ReadAsync(Bucket with { Key = key }, Cancellation));

    /// <summary>All keys of the bucket.</summary>
    private protected async Task<string[]> KeysAsync()
    {
        List<string> keys = [];
        await foreach (ObjectInfo info in Objects.ListAsync(Bucket, Cancellation))
        {
            keys.Add(info.Url.Key);
        }

        return [.. keys];
    }

    /// <summary>Writes a file below the folder.</summary>
    private protected string Write(string name, string content)
    {
        string path = Folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>All files below the folder.</summary>
    private protected string[] FilesBelow(string name) =>
    [
        .. Directory.EnumerateFiles(Folder.File(name), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Folder.File(name), path)).Order(StringComparer.Ordinal),
    ];
}
