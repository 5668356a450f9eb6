using System.Globalization;
using System.Net;
using Lepton.Coordination.Client;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Encryption;
using Lepton.Storage.Keys;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.Replication;
using Lepton.Storage.S3;
using Lepton.Storage.S3.Signing;
using Lepton.Storage.Scrubbing;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Hosting;

/// <summary>
/// One node of the object store: blocks in its data directory and in those of the other nodes, metadata in the
/// coordination store, S3 over HTTP. Thread safe.
/// </summary>
public sealed class StorageNode : IAsyncDisposable
{
    private static readonly TimeSpan s_spareTime = TimeSpan.FromHours(1);
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly StorageOptions _options;
    private readonly NodeAddresses _addresses;
    private readonly ReplicationOptions _replication;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DataDirectory? _directory;
    private RepairQueue? _repairs;

    private StorageNode(StorageOptions options, NodeAddresses addresses)
    {
        (_options, _addresses) = (options, addresses);
        _replication = new ReplicationOptions
        {
            CacheMemoryBytesMax = options.CacheMemoryBytes,
            CacheDiskBytesMax = options.CacheDiskBytes,
            TimeProvider = options.TimeProvider,
        };
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
    /// more, as nobody knows what the disk holds, and is to be stopped. Also where the node was removed from the store,
    /// or another process took its place.
    /// </summary>
    public Task Completion => _completion.Task;

    internal AccessKeys Keys { get; private set; } = null!;

    internal BlockStore Blocks { get; private set; } = null!;

    internal ClusterMonitor Cluster { get; private set; } = null!;

    internal PeerSet Peers { get; private set; } = null!;

    internal StorageUpkeep Upkeep { get; private set; } = null!;

    internal KeyRotation Rotation { get; private set; } = null!;

    internal RepairController Repair { get; private set; } = null!;

    internal Scrubber Scrub { get; private set; } = null!;

    internal LostBlocks Lost { get; private set; } = null!;

    internal BlockCache Cache { get; private set; } = null!;

    internal StatusReporter Status { get; private set; } = null!;

    internal ObjectStore Objects { get; private set; } = null!;

    /// <summary>Starts a node. It serves when this returns.</summary>
    /// <exception cref="ArgumentException">Options are wrong; the message lists all that are.</exception>
    /// <exception cref="StorageException">
    /// The data directory is another's or can't be used, or its node can't be one of the store's.
    /// </exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    /// <exception cref="IOException">The disk can't be used, or the address not be listened at.</exception>
    public static async Task<StorageNode> StartAsync(
        StorageOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        NodeAddresses addresses = StorageSettings.Validate(options);
        StorageNode node = new(options, addresses);
        try
        {
            await node.RunAsync(cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Returns when all blocks that were seen to lack copies up to now were looked at.</summary>
    internal Task RepairsDoneAsync(CancellationToken cancellationToken) => _repairs!.DoneAsync(cancellationToken);

    /// <summary>Stops: first the service, then the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out IAsyncDisposable? part))
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }

        _directory?.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        _directory = DataDirectory.Open(_options.DataDir, _options.Name);
        await new CoordinationWait(
            _options.Coordination, _options.CoordinationWait, _options.TimeProvider, _logger)
            .RunAsync(cancellationToken).ConfigureAwait(false);
        CoordinationMetadata metadata = new(_options.Coordination);
        StoreJoin join = new(metadata, _directory, _options, _logger);
        (StoreRecord store, SecretBox key) = await join.OpenStoreAsync(cancellationToken).ConfigureAwait(false);
        Keys = new AccessKeys(metadata, key, _options.TimeProvider);
        await MakeFirstKeyAsync(cancellationToken).ConfigureAwait(false);
        OpenBlocks();
        Uri blocksAddress = await ServeBlocksAsync(key.NodeToken, cancellationToken).ConfigureAwait(false);
        NodeRecord self = await join.RegisterAsync(store, blocksAddress, cancellationToken).ConfigureAwait(false);
        await BeginSessionAsync(self, cancellationToken).ConfigureAwait(false);
        StorageLog.Joined(_logger, self.Name, store.StoreId, self.Address, store.Copies);
        ClusterKeys clusterKeys = new(metadata, key, _options.TimeProvider);
        await ServeObjectsAsync(metadata, clusterKeys, cancellationToken).ConfigureAwait(false);
    }

    private void OpenBlocks()
    {
        Blocks = BlockStore.Open(new BlockStoreOptions
        {
            Directory = _directory!.Blocks,
            TimeProvider = _options.TimeProvider,
            Logger = _logger,
        });
        Blocks.Failed += e => _completion.TrySetException(new StorageException(e.Message, e, isDiskFailure: true));
        _parts.Push(Blocks);
    }

    private async Task<Uri> ServeBlocksAsync(string token, CancellationToken cancellationToken)
    {
        Cluster = new ClusterMonitor(
            _options.Coordination, new NodeId(_directory!.Identity.NodeId), _options.TimeProvider, _logger);
        _parts.Push(Cluster);
        UploadPins pins = new(Blocks);
        Cluster.Changed += pins.ReleaseEnded;
        LocalPeer local = new(Blocks, pins, Cluster);
        RpcTlsOptions? tls = _addresses.ToPeersTls;
        Peers = new PeerSet(
            Cluster, local,
            node => node.Address.Scheme == "https" == tls is not null
                ? new RemotePeer(node.Name, node.Address, token, tls, _options.TimeProvider)
                : new MismatchedPeer(node),
            _replication);
        _parts.Push(Peers);
        RpcServices services = new();
        new BlockService(local).MapTo(services);
        RpcServer server = await RpcServer.StartAsync(
            services,
            new RpcServerOptions
            {
                EndPoint = _addresses.Blocks,
                Tls = _addresses.BlocksTls,
                Authenticator = BearerToken.Authenticator(token),
                TimeProvider = _options.TimeProvider,
                LoggerFactory = _options.LoggerFactory,
            },
            cancellationToken).ConfigureAwait(false);
        _parts.Push(server);
        return _addresses.AdvertisedBlocks ?? server.Address;
    }

    private async Task BeginSessionAsync(NodeRecord self, CancellationToken cancellationToken)
    {
        NodeSession session = await NodeSession.StartAsync(
            _options.Coordination, self, _options.LeaseTime, _options.TimeProvider, _logger, cancellationToken)
            .ConfigureAwait(false);
        _parts.Push(session);
        session.Superseded += e => _completion.TrySetException(e);
        Cluster.Changed += session.Check;
        Cluster.Sessions = session;
        Cluster.Start();
        SessionId begun = session.Current ?? throw new StorageException(
            "The lease at the coordination store ran out while the node started. Start it again.");
        await Cluster.WaitAsync(view => view.Revision >= begun.Token, cancellationToken).ConfigureAwait(false);
    }

    private async Task ServeObjectsAsync(
        CoordinationMetadata metadata, ClusterKeys clusterKeys, CancellationToken cancellationToken)
    {
        RepairQueue repairs = _repairs = new RepairQueue(_logger);
        Cache = BlockCache.Open(_directory!.Cache, _replication, _logger);
        _parts.Push(Cache);
        Peers.Local.Cache = () => Cache.Report;
        ReplicatedBlocks replicated = new(Peers, repairs, _replication, Cache);
        BlockRepairer repairer = new(Peers, replicated);
        RepairBudget budget = new(_options.RepairBytesPerSecond, _options.TimeProvider);
        ObjectStoreOptions options = new() { BlockBytes = _options.BlockBytes, TimeProvider = _options.TimeProvider };
        ContentStore contents = new(replicated, options);
        BeginScrub(() => new BlockScan(metadata, contents));
        repairs.Start(async (blocks, stop) =>
        {
            RepairOutcome outcome = await repairer.RepairAsync(
                blocks, Cluster.View.Layout, budget.WaitAsync, stop).ConfigureAwait(false);
            Lost.Add(outcome.Lost);
            return outcome;
        });
        _parts.Push(repairs);
        Objects = new ObjectStore(metadata, contents, options, clusterKeys);
        UploadStore uploads = new(Objects);
        S3Services services = new(Objects, new BucketStore(metadata, _options.TimeProvider), uploads, _options.Region);
        GarbageCollector collector = new(metadata, contents, s_spareTime, _options.TimeProvider);
        DrainCount drain = new(Cluster, () => collector.OnlyHere, _options.TimeProvider);
        Upkeep = new StorageUpkeep(collector, uploads, _options.UpkeepPeriod, _options.TimeProvider, _logger)
        {
            Sooner = drain.WaitAsync,
        };
        _parts.Push(Upkeep);
        Repair = new RepairController(
            Cluster, repairer, budget, () => new BlockScan(metadata, contents), _options, _logger)
        {
            LostFound = Lost.Replace,
        };
        _parts.Push(Repair);
        Rotation = new KeyRotation(metadata, clusterKeys, Cluster, _options.TimeProvider, _logger);
        _parts.Push(Rotation);
        Peers.Local.OnlyHere = () => collector.OnlyHere;
        Peers.Local.Repair = () => Repair.Progress;
        Status = new StatusReporter(Cluster, Peers.Local.Status, metadata, _options.TimeProvider, _logger);
        _parts.Push(Status);
        S3Dispatcher dispatcher = new(
            new RequestAuthenticator(Keys, _options.TimeProvider), new S3Routes(services), _options.Domains, _logger);
        S3Server server = await S3Server.StartAsync(
            dispatcher, _addresses.S3, _addresses.S3Tls, _options.TimeProvider, _options.LoggerFactory,
            cancellationToken).ConfigureAwait(false);
        _parts.Push(server);
        Address = server.Address;
        Upkeep.Start();
        Repair.Start();
        Lost.Start();
        Scrub.Start();
        Rotation.Start();
        Status.Start();
        StorageLog.Started(_logger, _options.Name, Address.ToString(), _directory!.Path);
        if (_addresses.S3Tls is null && !IPAddress.IsLoopback(_addresses.S3.Address))
        {
            StorageLog.Unencrypted(_logger, Address.ToString());
        }
    }

    private void BeginScrub(Func<BlockScan> newScan)
    {
        Lost = new LostBlocks(newScan, _options.TimeProvider, _logger);
        _parts.Push(Lost);
        Scrub = new Scrubber(
            Blocks, _repairs!, new ScrubFile(_directory!.Scrub, _logger), _options.ScrubWithin, _options.TimeProvider,
            _logger);
        _parts.Push(Scrub);
        Peers.Local.Scrub = () => Scrub.Progress;
        Peers.Local.Lost = () => Lost.Report;
    }

    private async Task MakeFirstKeyAsync(CancellationToken cancellationToken)
    {
        if ((await Keys.ListAsync(cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            return;
        }

        // First the file: a crash between the two leaves a key that is not taken, and the next start makes another; the
        // other way round, there would be one that nobody knows.
        AccessKey key = AccessKeys.New([], mayWrite: true);
        PrivateFile.Write(_directory!.Credentials, string.Create(
            CultureInfo.InvariantCulture,
            $"[default]\naws_access_key_id = {key.Id}\naws_secret_access_key = {key.Secret}\n"));
        await Keys.AddAsync(key, cancellationToken).ConfigureAwait(false);
        StorageLog.FirstKey(_logger, _directory.Credentials);
    }
}
