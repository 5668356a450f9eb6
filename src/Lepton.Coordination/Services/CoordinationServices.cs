using Lepton.Coordination.State;
using Lepton.Raft.Hosting;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>
/// etcd v3's services of one node: keys, watches, leases, locks, elections, members, maintenance, and the plain HTTP
/// routes beside them. Make them when the node runs, map them on a server whose
/// <see cref="RpcServerOptions.MessageBytesMax"/> is that of the options
/// (<see cref="CoordinationServiceOptions.MessageBytesMax"/>), and dispose them after that server has stopped.
/// </summary>
internal sealed class CoordinationServices : IDisposable
{
    private readonly ServiceCore _core;
    private readonly ServiceMetrics _metrics;
    private readonly LeaderWatch _leaders;
    private readonly CoordinationState _state;
    private readonly LeaseKeeper _leases;
    private readonly ILeaseForwarder? _forwarder;
    private readonly ISnapshotExport? _snapshots;

    /// <param name="consensus">The node.</param>
    /// <param name="state">Its state machine.</param>
    /// <param name="leases">The keeper of the leases' time, attached to both.</param>
    /// <param name="clusterId">The cluster's id, for the headers.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="forwarder">Asks other nodes about leases; null where there are none.</param>
    /// <param name="snapshots">Makes snapshots for clients; null where that is not offered.</param>
    /// <exception cref="ArgumentException">Options are wrong; the message lists all that are.</exception>
    public CoordinationServices(
        IConsensus consensus, CoordinationState state, LeaseKeeper leases, ulong clusterId,
        CoordinationServiceOptions? options = null, ILeaseForwarder? forwarder = null,
        ISnapshotExport? snapshots = null)
    {
        options ??= new CoordinationServiceOptions();
        options.Validate();
        _state = state;
        _leases = leases;
        _forwarder = forwarder;
        _snapshots = snapshots;
        _metrics = new ServiceMetrics(consensus.Status.Id);
        _core = new ServiceCore(consensus, new ServiceState(state), clusterId, options, _metrics);
        _leaders = new LeaderWatch(consensus, options.ElectionTimeout, options.TimeProvider);
    }

    /// <summary>Maps all services and routes, before the server starts.</summary>
    /// <param name="services">Gets them for callers over the network.</param>
    /// <param name="local">Gets them for callers in this process.</param>
    public void MapTo(RpcServices services, LocalServices local)
    {
        ServiceMap map = new(services, local, _core, _leaders);
        WaitingQueue queue = new(_core, _state.Watches);
        new KvService(_core).MapTo(map);
        new WatchService(_core, _state.Watches).MapTo(map);
        new LeaseService(_core, _leases, _forwarder).MapTo(map);
        new ClusterService(_core).MapTo(map);
        new MaintenanceService(_core, _snapshots).MapTo(map);
        new AuthService(_core).MapTo(map);
        new LockService(_core, queue).MapTo(map);
        new ElectionService(_core, queue, _state.Watches).MapTo(map);
        new HttpEndpoints(_core).MapTo(services);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _leaders.Dispose();
        _metrics.Dispose();
    }
}
