using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Coordination.Client;
using Lepton.Core.Durability;
using Lepton.Storage.Blocks;
using Lepton.Storage.Hosting;
using Lepton.Storage.Metadata;
using MetadataEntry = Lepton.Storage.Metadata.MetadataEntry;

namespace Lepton.Storage.Tests.Processes;

/// <summary>Processes of <c>lepton storage</c> that share a store of their own, with a bucket in it.</summary>
internal sealed class ProcessGroup : IAsyncDisposable
{
    private const string Bucket = "kept";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private readonly CoordinationFixture _coordination = new();
    private readonly TestFolder _folder = new();
    private readonly Dictionary<string, StorageProcess> _nodes = [];
    private readonly Dictionary<string, string> _directories = [];
    private readonly Dictionary<string, AmazonS3Client> _clients = [];
    private readonly List<AmazonS3Client> _oldClients = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Flags for every node.</summary>
    public string[] Flags { get; init; } = [];

    /// <summary>Where nodes stand, each in a network of its own; null: all on loopback.</summary>
    public NodeNetworks? Networks { get; init; }

    /// <summary>The nodes that run.</summary>
    public IEnumerable<string> Names => _nodes.Keys.Order(StringComparer.Ordinal);

    public StorageProcess this[string name] => _nodes[name];

    /// <summary>The data directory of a node.</summary>
    public string DirectoryOf(string name) => _directories.GetValueOrDefault(name) ?? _folder.Child(name);

    /// <summary>Starts nodes, the first of which makes the store.</summary>
    public async Task StartAsync(params string[] names)
    {
        foreach (string name in names)
        {
            await StartAsync(name, directory: null);
        }

        await MakeBucketAsync();
    }

    /// <summary>Makes the bucket.</summary>
    public Task MakeBucketAsync() => _clients.Values.First().PutBucketAsync(Bucket, Cancellation);

    /// <summary>Starts a node, for the first time or again.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="directory">Its data directory; null for its own.</param>
    public async Task StartAsync(string name, string? directory)
    {
        if (directory is not null)
        {
            _directories[name] = directory;
        }

        string[] key = _directories.Count == 0 || name == _directories.Keys.First()
            ? []
            : ["--secret-key", Path.Combine(DirectoryOf(_directories.Keys.First()), "secret.key")];
        _directories.TryAdd(name, DirectoryOf(name));
        _nodes[name] = Networks is null
            ? await StorageProcess.StartAsync(
                await _coordination.AddressAsync(), DirectoryOf(name), name, [.. key, .. Flags])
            : await StorageProcess.StartAsync(
                Networks.LauncherOf(name), Networks.Coordination, DirectoryOf(name), name,
                [.. key, .. Networks.FlagsOf(name), .. Flags]);
        lock (_clients)
        {
            // Somebody may still be asking the old one.
            if (_clients.TryGetValue(name, out AmazonS3Client? old))
            {
                _oldClients.Add(old);
            }

            _clients[name] = NewClient(name);
        }
    }

    /// <summary>Runs a node that is expected to end by itself.</summary>
    public async Task<(int ExitCode, string Output, string Error)> TryStartAsync(string name) =>
        await StorageProcess.RunAsync(
        [
            "storage", "--name", name, "--data-dir", DirectoryOf(name), "--listen", "http://127.0.0.1:0", "--timeout",
            "60", "--coordination", (await _coordination.AddressAsync()).GetLeftPart(UriPartial.Authority),
        ]);

    /// <summary>Ends a node with SIGKILL.</summary>
    public async Task KillAsync(string name)
    {
        Assert.True(_nodes.Remove(name, out StorageProcess? node));
        await node.KillAsync();
        node.Dispose();
    }

    /// <summary>A client of a node; of one that does not run, of where it last did.</summary>
    public AmazonS3Client S3Of(string name)
    {
        lock (_clients)
        {
            return _clients[name];
        }
    }

    /// <summary>All blocks that objects have, but those that are listed in blocks.</summary>
    public async Task<HashSet<BlockId>> ReferredBlocksAsync()
    {
        using CoordinationClient client = await NewCoordinationClientAsync();
        HashSet<BlockId> blocks = [];
        await foreach (KeyValue entry in client.ScanAsync(MetadataKeys.AllObjects).WithCancellation(Cancellation))
        {
            ObjectRecord record = RecordJson.Read(
                new MetadataEntry(entry.Key, entry.Value.Memory, entry.ModRevision),
                RecordJson.Default.ObjectRecord);
            blocks.UnionWith(record.Content.Refs.Select(static block => block.Id));
        }

        return blocks;
    }

    /// <summary>Puts an object through a node.</summary>
    public async Task PutAsync(string through, string key, byte[] content)
    {
        using MemoryStream body = new(content);
        await S3Of(through).PutObjectAsync(
            new PutObjectRequest { BucketName = Bucket, Key = key, InputStream = body }, Cancellation);
    }

    /// <summary>Reads an object through a node; null where there is none.</summary>
    public async Task<byte[]?> GetAsync(string through, string key)
    {
        try
        {
            using GetObjectResponse read = await S3Of(through).GetObjectAsync(Bucket, key, Cancellation);
            using MemoryStream content = new();
            await read.ResponseStream.CopyToAsync(content, Cancellation);
            return content.ToArray();
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Deletes an object through a node.</summary>
    public Task DeleteAsync(string through, string key) =>
        S3Of(through).DeleteObjectAsync(Bucket, key, Cancellation);

    /// <summary>All keys, as a node lists them.</summary>
    public async Task<string[]> ListAsync(string through)
    {
        ListObjectsV2Response listed = await S3Of(through).ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket }, Cancellation);
        return [.. (listed.S3Objects ?? []).Select(static one => one.Key)];
    }

    /// <summary>How the nodes are, as <c>lepton storage status</c> has it.</summary>
    public async Task<IReadOnlyList<StorageNodeStatus>> StatusAsync()
    {
        using CoordinationClient client = await NewCoordinationClientAsync();
        return (await new StorageCluster(client).StatusAsync(Cancellation)).Nodes;
    }

    /// <summary>Opens a segment's file.</summary>
    public static SegmentFile OpenSegment(string path) => SegmentFile.Open(
        new BlockFolder(Path.GetDirectoryName(path)!, DurableFile.Fsync), 0, Path.GetFileName(path));

    /// <summary>The segments of a node.</summary>
    public string[] SegmentsOf(string name) =>
        [.. Directory.GetFiles(Path.Combine(DirectoryOf(name), "blocks"), "*.seg").Order(StringComparer.Ordinal)];

    /// <summary>The blocks whose bytes in a node's files are right.</summary>
    public HashSet<BlockId> GoodBlocksOf(string name)
    {
        HashSet<BlockId> good = [];
        foreach (string path in SegmentsOf(name))
        {
            using SegmentFile segment = OpenSegment(path);
            SegmentScanner scanner = new(segment, isLast: true, isWhole: true);
            scanner.Scan();
            good.UnionWith(scanner.Blocks.Select(static block => block.Record.Id));
        }

        return good;
    }

    /// <summary>Waits until the files of a node have good copies of blocks.</summary>
    public Task HealedAsync(string name, IReadOnlySet<BlockId> blocks, string step) => UntilAsync(
        () =>
        {
            HashSet<BlockId> good = GoodBlocksOf(name);
            int missing = blocks.Count(block => !good.Contains(block));
            return Task.FromResult(
                missing == 0 ? null : $"{missing} of {blocks.Count} blocks are not on the disk of {name}");
        },
        step);

    /// <summary>Waits until nothing is wrong any more.</summary>
    /// <param name="fault">Tells what is; null where nothing is.</param>
    /// <param name="step">What is to happen.</param>
    public static async Task UntilAsync(Func<Task<string?>> fault, string step)
    {
        using CancellationTokenSource limit = new(s_patience);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(100));
        string? wrong = "";
        while (wrong is not null)
        {
            Assert.False(limit.IsCancellationRequested, $"This step did not happen: {step}. {wrong}");
            await pause.WaitForNextTickAsync(Cancellation);
            try
            {
                wrong = await fault();
            }
            catch (FileNotFoundException e)
            {
                // A file that was there a moment ago.
                wrong = e.Message;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AmazonS3Client client in _clients.Values.Concat(_oldClients))
        {
            client.Dispose();
        }

        foreach (StorageProcess node in _nodes.Values)
        {
            node.Dispose();
        }

        await _coordination.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<CoordinationClient> NewCoordinationClientAsync() =>
        Networks?.NewCoordinationClient() ?? await _coordination.NewClientAsync();

    private AmazonS3Client NewClient(string name) => StorageProcess.NewS3(
        _nodes[name].Address, DirectoryOf(_directories.Keys.First()), Networks?.CaFile);
}
