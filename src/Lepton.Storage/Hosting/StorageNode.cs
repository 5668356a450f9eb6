using System.Globalization;
using System.Net;
using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Keys;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.S3;
using Lepton.Storage.S3.Signing;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Hosting;

/// <summary>
/// One node of the object store: blocks in its data directory, metadata in the coordination store, S3 over HTTP. In
/// this version a store has one node; a second one is refused. Thread safe.
/// </summary>
public sealed class StorageNode : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly StorageOptions _options;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DataDirectory? _directory;

    private StorageNode(StorageOptions options)
    {
        _options = options;
        _logger = options.LoggerFactory.CreateLogger("Lepton.Storage");
    }

    /// <summary>Where S3 is served, with the real port.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>
    /// The file with the first access key, in the format of AWS's tools (<c>AWS_SHARED_CREDENTIALS_FILE</c>). It is
    /// there where this node made the key.
    /// </summary>
    public string CredentialsFile => _directory!.Credentials;

    /// <summary>
    /// Ends with a <see cref="StorageException"/> when the disk could not be flushed: the node takes no writes any
    /// more, as nobody knows what the disk holds, and is to be stopped.
    /// </summary>
    public Task Completion => _completion.Task;

    internal AccessKeys Keys { get; private set; } = null!;

    internal BlockStore Blocks { get; private set; } = null!;

    /// <summary>Starts a node. It serves when this returns.</summary>
    /// <exception cref="ArgumentException">Options are wrong; the message lists all that are.</exception>
    /// <exception cref="StorageException">
    /// The data directory is another's or can't be used, or the store has another node.
    /// </exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    /// <exception cref="IOException">The disk can't be used, or the address not be listened at.</exception>
    public static async Task<StorageNode> StartAsync(
        StorageOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        IPEndPoint endPoint = StorageSettings.Validate(options);
        StorageNode node = new(options);
        try
        {
            await node.RunAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops: first the service, then the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out IAsyncDisposable? part))
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }

        _directory?.Dispose();
    }

    private async Task RunAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        _directory = DataDirectory.Open(_options.DataDir, _options.Name);
        CoordinationMetadata metadata = new(_options.Coordination);
        await RegisterAsync(metadata, cancellationToken).ConfigureAwait(false);
        Keys = new AccessKeys(metadata, SecretBox.OpenOrCreate(_directory.SecretKey), _options.TimeProvider);
        await MakeFirstKeyAsync(cancellationToken).ConfigureAwait(false);
        Blocks = BlockStore.Open(new BlockStoreOptions
        {
            Directory = _directory.Blocks,
            TimeProvider = _options.TimeProvider,
            Logger = _logger,
        });
        Blocks.Failed += e => _completion.TrySetException(new StorageException(e.Message, e, isDiskFailure: true));
        _parts.Push(Blocks);
        ObjectStoreOptions options = new() { BlockBytes = _options.BlockBytes, TimeProvider = _options.TimeProvider };
        ContentStore contents = new(Blocks, options);
        ObjectStore objects = new(metadata, contents, options);
        UploadStore uploads = new(objects);
        S3Services services = new(objects, new BucketStore(metadata, _options.TimeProvider), uploads, _options.Region);
        StorageUpkeep upkeep = new(
            new GarbageCollector(metadata, contents), uploads, _options.UpkeepPeriod, _options.TimeProvider, _logger);
        _parts.Push(upkeep);
        S3Dispatcher dispatcher = new(
            new RequestAuthenticator(Keys, _options.TimeProvider), new S3Routes(services), _options.Domains, _logger);
        S3Server server = await S3Server.StartAsync(dispatcher, endPoint, _options.LoggerFactory, cancellationToken)
            .ConfigureAwait(false);
        _parts.Push(server);
        Address = server.Address;
        upkeep.Start();
        StorageLog.Started(_logger, _options.Name, Address.ToString(), _directory.Path);
        if (!IPAddress.IsLoopback(endPoint.Address))
        {
            StorageLog.Unencrypted(_logger, Address.ToString());
        }
    }

    /// <summary>Sees to it that the metadata is of this node's blocks.</summary>
    private async Task RegisterAsync(CoordinationMetadata metadata, CancellationToken cancellationToken)
    {
        NodeRecord self = _directory!.Identity;
        MetadataTxn txn = new MetadataTxn().IfNone(MetadataKeys.Node)
            .Put(MetadataKeys.Node, RecordJson.Write(self, RecordJson.Default.NodeRecord));
        await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false);
        MetadataEntry? entry = await metadata.GetAsync(MetadataKeys.Node, cancellationToken).ConfigureAwait(false);
        NodeRecord? there = entry is null ? null : RecordJson.Read(entry, RecordJson.Default.NodeRecord);
        if (there != self)
        {
            throw new StorageException(
                $"The coordination store's objects are in the data directory of the node '{there?.Name}' (store " +
                $"{there?.StoreId}), and {_directory.Path} is of the store {self.StoreId}. A store has one node in " +
                "this " +
                "version: give that node's --data-dir, or another --coordination.");
        }
    }

    private async Task MakeFirstKeyAsync(CancellationToken cancellationToken)
    {
        if ((await Keys.ListAsync(cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            return;
        }

        AccessKey key = await Keys.AddAsync([], mayWrite: true, cancellationToken).ConfigureAwait(false);
        File.Delete(_directory!.Credentials);
        PrivateFile.Write(_directory.Credentials, string.Create(
            CultureInfo.InvariantCulture,
            $"[default]\naws_access_key_id = {key.Id}\naws_secret_access_key = {key.Secret}\n"));
        StorageLog.FirstKey(_logger, _directory.Credentials);
    }
}
