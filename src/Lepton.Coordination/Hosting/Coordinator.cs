using System.Security.Cryptography;
using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Transport;
using Lepton.Coordination.Corruption;
using Lepton.Coordination.Peers;
using Lepton.Coordination.Services;
using Lepton.Coordination.Snapshots;
using Lepton.Coordination.State;
using Lepton.Raft;
using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Hosting;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;
using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Hosting;

/// <summary>
/// One member of a coordination cluster: its node, the ways to its peers, and etcd's services for clients. Thread safe.
/// </summary>
public sealed class Coordinator : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly CoordinatorSettings _settings;
    private readonly ILogger _logger;
    private RaftHost? _host;
    private Departure? _departure;

    // Until the node runs, and may tell others what it holds.
    private StartedDirectory? _unsaid;

    private Coordinator(CoordinatorSettings settings)
    {
        _settings = settings;
        _logger = settings.Options.LoggerFactory.CreateLogger("Lepton.Coordination");
        Local = new LocalServices(settings.Options.Name);
    }

    /// <summary>
    /// Ends with an error when the member can't go on: after a fault of its disk, or with a
    /// <see cref="MemberRemovedException"/> when it was removed from its cluster.
    /// </summary>
    public Task Completion => Task.WhenAny(_host!.Completion, _departure!.Completion).Unwrap();

    /// <summary>Where clients are served, with the real ports.</summary>
    public IReadOnlyList<Uri> ClientAddresses { get; private set; } = [];

    /// <summary>The member's services for callers in this process.</summary>
    internal LocalServices Local { get; }

    /// <summary>How the node stands.</summary>
    public ConsensusStatus Status => _host!.Status;

    /// <summary>
    /// Starts a member. It serves when this returns; whether it has a leader then is another question.
    /// </summary>
    /// <exception cref="ArgumentException">Options are wrong; the message lists all that are.</exception>
    /// <exception cref="DataDirectoryException">
    /// The data directory is another's, of a newer format, can't be used, or has lost its log.
    /// </exception>
    /// <exception cref="ClusterJoinException">The cluster to join can't be asked, or does not know it.</exception>
    /// <exception cref="MemberRemovedException">The data directory is that of a member that was removed.</exception>
    /// <exception cref="IOException">The disk can't be used.</exception>
    /// <exception cref="RpcBindException">An address can't be listened at, such as a port in use.</exception>
    public static async Task<Coordinator> StartAsync(
        CoordinatorOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Coordinator coordinator = new(CoordinatorSettings.Resolve(options));
        try
        {
            await coordinator.StartAsync(cancellationToken).ConfigureAwait(false);
            return coordinator;
        }
        catch
        {
            await coordinator.DisposeAsync().ConfigureAwait(false);
            coordinator._unsaid?.TakeBack();
            throw;
        }
    }

    /// <summary>
    /// A client of this member within its process: it calls the services directly, without a socket. What it is told
    /// and when it fails is the same as over the network.
    /// </summary>
    /// <param name="options">
    /// How patient it is. Addresses, certificates, token and limits of a connection mean nothing here.
    /// </param>
    public CoordinationClient NewClient(CoordinationClientOptions? options = null)
    {
        options ??= new CoordinationClientOptions();
        options.Validate();
        return new CoordinationClient(options, [new InProcessTransport(Local, options.TimeProvider)]);
    }

    /// <summary>Stops the member: first its services, then its node.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out IAsyncDisposable? part))
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        CheckPorts();
        _unsaid = StartedDirectory.Make(_settings.DataDir);
        RpcChannelOptions channelOptions = new()
        {
            Tls = _settings.PeerCertificates?.ToClient(),
            KeepAlivePingDelay = TimeSpan.FromSeconds(2),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(3),
        };
        (NodeIdentityFile file, IReadOnlyList<Member> known) =
            await IdentifyAsync(channelOptions, cancellationToken).ConfigureAwait(false);
        PeerIdentity self = new(NodeIdentityFile.Number(file.ClusterId),
            new NodeId(NodeIdentityFile.Number(file.MemberId)));

        LeaseKeeper leases = new(_settings.Options.TimeProvider);
        CoordinationState state = new(leases);
        NodeStorage storage = NodeStorage.Open(
            _settings.DataDir, new LogIdentity(self.ClusterId, self.Node), state, file.Joined ? null : NewMembership(),
            file.HasLog);
        _parts.Push(new Closing(storage.Dispose));
        if (!file.HasLog && !storage.Log.IsEmpty)
        {
            file = file with { HasLog = true };
            file.Write(_settings.DataDir);
        }

        TellDamage(storage, self, known);
        RaftHost? host = null;
        PeerLinks links = new(
            self,
            new PeerLinkOptions
            {
                Channel = channelOptions,
                Logger = _logger,
                TimeProvider = _settings.Options.TimeProvider,
                FarewellTime = _settings.FarewellTime,
            },
            peer => host?.PeerUnreachable(peer));
        bool isMember =
            !file.Joined || storage.Snapshots.Latest.Membership.Members.Any(member => member.Id == self.Node);
        _departure = new Departure(_settings, file, self, isMember, _logger);
        state.MembershipAgreed += _departure.Look;
        _unsaid = null;
        host = new RaftHost(
            surroundings => NewNode(self.Node, storage, state, surroundings), links,
            _settings.Options.HeartbeatInterval, _settings.Options.TimeProvider);
        _host = host;
        _parts.Push(_departure);
        _parts.Push(host);
        _parts.Push(links);
        FollowMembers(host, links, known);
        leases.Attach(host, state);
        CoordinatorUpkeep upkeep = new(_settings, self, host, state, leases, _logger);
        await ServePeersAsync(self, host, leases, state, cancellationToken).ConfigureAwait(false);
        await ServeClientsAsync(self, host, leases, state, channelOptions, cancellationToken).ConfigureAwait(false);
        _parts.Push(upkeep);
        upkeep.Start();
        _departure.Ask(host, channelOptions);
        CheckCorruption(self, host, state, channelOptions);
        CoordinatorLog.Started(_logger, file.Name, self.Node, self.ClusterId.ToString("x"), _settings.DataDir,
            string.Join(", ", ClientAddresses));
    }

    private async Task<(NodeIdentityFile File, IReadOnlyList<Member> Known)> IdentifyAsync(
        RpcChannelOptions channelOptions, CancellationToken cancellationToken)
    {
        string name = _settings.Options.Name;
        if (NodeIdentityFile.Read(_settings.DataDir) is { } there)
        {
            if (there.HasLeft)
            {
                throw new MemberRemovedException(there, _settings.DataDir);
            }

            if (there.Name != name)
            {
                throw new DataDirectoryException(
                    $"{_settings.DataDir} belongs to the member '{there.Name}', and this is '{name}'. Give --name " +
                    $"{there.Name}, or another --data-dir.");
            }

            // The flags may name other members than at the first start, and still mean the same cluster.
            ulong cluster = NodeIdentityFile.Number(there.ClusterId);
            if (there.Joined || cluster != _settings.NewClusterId)
            {
                await ClusterJoin.CheckSameAsync(
                    _settings, cluster, channelOptions, url => CoordinatorLog.NotAsked(_logger, url), cancellationToken)
                    .ConfigureAwait(false);
            }

            return (there, _settings.FirstMembers);
        }

        if (!_settings.Joins)
        {
            await ClusterJoin.CheckNewAsync(_settings, channelOptions, cancellationToken).ConfigureAwait(false);
            NodeIdentityFile first = new(NodeIdentityFile.FormatNow, NodeIdentityFile.Text(_settings.NewClusterId),
                NodeIdentityFile.Text(_settings.Self.Id.Value), name, Joined: false);
            first.Write(_settings.DataDir);
            return (first, _settings.FirstMembers);
        }

        (ulong clusterId, NodeId self, IReadOnlyList<Member> members) =
            await ClusterJoin.AskAsync(_settings, channelOptions, cancellationToken).ConfigureAwait(false);
        NodeIdentityFile file = new(NodeIdentityFile.FormatNow, NodeIdentityFile.Text(clusterId),
            NodeIdentityFile.Text(self.Value), name, Joined: true);
        file.Write(_settings.DataDir);
        return (file, members);
    }

    private ClusterMembership NewMembership() => new(
        _settings.FirstMembers, [.. _settings.FirstMembers.Select(static member => member.Id)], [], []);

    private RaftNode NewNode(NodeId self, NodeStorage storage, CoordinationState state, INodeSurroundings surroundings)
    {
        CoordinatorOptions options = _settings.Options;
        RaftOptions core = new()
        {
            Id = self,
            Seed = RandomNumber(),
            ElectionTicks = (int)Math.Round(options.ElectionTimeout / options.HeartbeatInterval),
            StrictReconfiguration = options.StrictReconfigCheck,
            LeaseReads = options.LeaseReads,
        };
        RaftNodeOptions node = new()
        {
            Core = core,
            RequestTicksMax = (int)Math.Ceiling(_settings.RequestTimeout / options.HeartbeatInterval),
        };
        return new RaftNode(node, RandomNumber(), storage.Log, storage.Snapshots, state, surroundings);
    }

    private static ulong RandomNumber() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>
    /// Links follow the membership. A member that joins knows none yet; until it does, it goes by what it was told.
    /// </summary>
    private static void FollowMembers(RaftHost host, PeerLinks links, IReadOnlyList<Member> known)
    {
        host.StatusChanged += status =>
        {
            if (status.Membership.Members.Count > 0)
            {
                links.Follow(status.Membership.Members);
            }
        };
        IReadOnlyList<Member> members = host.Status.Membership.Members;
        links.Follow(members.Count > 0 ? members : known);
    }

    private async Task ServePeersAsync(
        PeerIdentity self, RaftHost host, LeaseKeeper leases, CoordinationState state,
        CancellationToken cancellationToken)
    {
        RpcServices services = new();
        new PeerService(self, host.Receive, _logger).MapTo(services);
        new PeerQuestions(self, host, leases, new ServiceState(state)).MapTo(services);
        foreach (Uri url in _settings.PeerUrls)
        {
            await ServeAsync(services, url, _settings.PeerCertificates, PeerService.FrameBytesMax, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task ServeClientsAsync(
        PeerIdentity self, RaftHost host, LeaseKeeper leases, CoordinationState state, RpcChannelOptions channelOptions,
        CancellationToken cancellationToken)
    {
        CoordinationServiceOptions options = new()
        {
            TxnOperationsMax = _settings.Options.MaxTxnOps,
            RequestBytesMax = _settings.Options.MaxRequestBytes,
            QuotaBackendBytes = _settings.Options.QuotaBackendBytes,
            ElectionTimeout = _settings.Options.ElectionTimeout,
            RequestTimeout = _settings.RequestTimeout,
            TimeProvider = _settings.Options.TimeProvider,
        };
        PeerLeaseForwarder forwarder = new(self, host, channelOptions);
        _parts.Push(new Closing(forwarder.Dispose));
        EtcdSnapshotExport snapshots = new(
            _settings.DataDir, () => host.RunBetweenTurnsAsync(() => (StateSnapshot)state.CaptureSnapshot()));
        CoordinationServices coordination = new(host, state, leases, self.ClusterId, options, forwarder, snapshots);
        _parts.Push(new Closing(coordination.Dispose));
        RpcServices services = new();
        coordination.MapTo(services, Local);
        List<Uri> addresses = [];
        foreach (Uri url in _settings.ClientUrls)
        {
            RpcServer server = await ServeAsync(
                services, url, _settings.Certificates, options.MessageBytesMax, cancellationToken)
                .ConfigureAwait(false);
            addresses.Add(server.Address);
        }

        ClientAddresses = addresses;
        _parts.Push(Local);
    }

    private void CheckCorruption(
        PeerIdentity self, RaftHost host, CoordinationState state, RpcChannelOptions channelOptions)
    {
        CoordinatorOptions options = _settings.Options;
        if (options.CorruptCheckTime > TimeSpan.Zero)
        {
            CorruptionCheck check = new(
                host, state, new PeerHashes(self, channelOptions, options.TimeProvider), options.CorruptCheckTime,
                options.TimeProvider, _logger);
            CorruptionMonitor monitor = new(check, options.TimeProvider, _logger);
            _parts.Push(monitor);
            monitor.Start();
        }
    }

    private void TellDamage(NodeStorage storage, PeerIdentity self, IReadOnlyList<Member> known)
    {
        if (storage.Log.Damage is not { } damage)
        {
            return;
        }

        CoordinatorLog.Damaged(_logger, damage.FirstIndex, damage.LastIndex);
        if (known.Concat(storage.Snapshots.Latest.Membership.Members).All(member => member.Id == self.Node))
        {
            CoordinatorLog.DamagedAlone(_logger);
        }
    }

    /// <summary>
    /// Finds ports that are in use before anything is written or sent: once the member has promised something to
    /// others, all of it has to stay.
    /// </summary>
    private void CheckPorts()
    {
        foreach (Uri url in _settings.PeerUrls)
        {
            RpcServer.CheckFree(ListenUrl.EndPoint(url)!, "The server of --listen-peer-urls");
        }

        foreach (Uri url in _settings.ClientUrls)
        {
            RpcServer.CheckFree(ListenUrl.EndPoint(url)!, "The server of --listen-client-urls");
        }
    }

    private async Task<RpcServer> ServeAsync(
        RpcServices services, Uri url, LoadedCertificates? certificates, int messageBytesMax,
        CancellationToken cancellationToken)
    {
        RpcServer server = await RpcServer.StartAsync(
            services,
            new RpcServerOptions
            {
                EndPoint = ListenUrl.EndPoint(url)!,
                Tls = url.Scheme == "https" ? certificates!.ToServer() : null,
                MessageBytesMax = messageBytesMax,
                TimeProvider = _settings.Options.TimeProvider,
                LoggerFactory = _settings.Options.LoggerFactory,
            },
            cancellationToken).ConfigureAwait(false);
        _parts.Push(server);
        return server;
    }

    private sealed class Closing(Action close) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            close();
            return ValueTask.CompletedTask;
        }
    }
}
