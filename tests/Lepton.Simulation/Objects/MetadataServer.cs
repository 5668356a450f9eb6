using Google.Protobuf;
using Lepton.Coordination.Client;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Raft;
using Lepton.Simulation.World;
using Lepton.Storage.Cluster;
using Lepton.Storage.Hosting;
using Lepton.Storage.Metadata;
using KeyRange = Lepton.Coordination.Client.KeyRange;

namespace Lepton.Simulation.Objects;

/// <summary>
/// The coordination store, in one piece: its real state, to which everything happens in one order. How it gets there is
/// another simulation's matter.
/// </summary>
internal sealed class MetadataServer(EventQueue events)
{
    private readonly CoordinationState _state = new();
    private readonly Dictionary<long, long> _endsUs = [];
    private long _index;
    private long _leases;
    private int _nodeKeys;

    /// <summary>Told of each change of the nodes.</summary>
    public event Action<ClusterView>? NodesChanged;

    /// <summary>Told of each object that is put: its key, and its entity tag.</summary>
    public event Action<string, string>? ObjectPut;

    /// <summary>Told of a lease that was not kept alive.</summary>
    public event Action? LeaseRanOut;

    /// <summary>The nodes as they are.</summary>
    public ClusterView View { get; private set; } = ClusterView.Empty;

    public Revision Revision => new(_state.Store.Revision);

    /// <summary>Carries out a transaction.</summary>
    public Revision? Commit(MetadataTxn txn)
    {
        TxnRequest request = txn.ToTxn().ToWire();
        CommandResult result = Apply(new Command { Txn = request });
        if (result.Failure != CommandFailure.None || result.Response is not TxnResponse { Succeeded: true } done)
        {
            return null;
        }

        foreach (PutRequest put in request.Success.Select(static step => step.RequestPut)
            .Where(static put => put is not null && put.Key.ToStringUtf8().StartsWith(
                MetadataKeys.AllObjects.Start.ToString(), StringComparison.Ordinal)))
        {
            ObjectRecord record = RecordJson.Read(
                new MetadataEntry(put.Key.Memory, put.Value.Memory, Revision.None), RecordJson.Default.ObjectRecord);
            ObjectPut?.Invoke(put.Key.ToStringUtf8(), record.ETag);
        }

        Look();
        return new Revision(done.Header.Revision);
    }

    /// <summary>Reads keys.</summary>
    /// <returns>Null where the revision was compacted.</returns>
    public MetadataPage? Range(KeyRange keys, int limit, Revision at)
    {
        CommandResult result = Reads.Range(_state.Store, new RangeRequest
        {
            Key = Wire.ToWire(keys.Start),
            RangeEnd = Wire.ToWire(keys.End),
            Limit = limit,
            Revision = at.Value,
        });
        return result.Response is RangeResponse found
            ? new MetadataPage(
                [.. found.Kvs.Select(static kv => new MetadataEntry(
                    kv.Key.Memory, kv.Value.Memory, new Revision(kv.ModRevision)))],
                found.More, new Revision(found.Header.Revision))
            : null;
    }

    /// <summary>Forgets how keys were before now.</summary>
    public void Compact() => Apply(new Command { Compaction = new CompactionRequest { Revision = Revision.Value } });

    /// <summary>Grants a lease.</summary>
    public LeaseId Grant(long ttlUs)
    {
        LeaseId lease = new(++_leases);
        Apply(new Command { LeaseGrant = new LeaseGrantRequest { ID = lease.Value, TTL = ttlUs / 1_000_000 } });
        _endsUs[lease.Value] = events.NowUs + ttlUs;
        events.After(ttlUs, () => Expire(lease));
        return lease;
    }

    /// <summary>Keeps a lease alive.</summary>
    /// <returns>Whether it was.</returns>
    public bool KeepAlive(LeaseId lease, long ttlUs)
    {
        if (!_endsUs.ContainsKey(lease.Value))
        {
            return false;
        }

        _endsUs[lease.Value] = events.NowUs + ttlUs;
        events.After(ttlUs, () => Expire(lease));
        return true;
    }

    /// <summary>Ends all leases, as if none had been kept alive.</summary>
    public void RevokeAll()
    {
        foreach (long lease in _endsUs.Keys.ToList())
        {
            _endsUs[lease] = events.NowUs;
            Expire(new LeaseId(lease));
        }
    }

    private void Expire(LeaseId lease)
    {
        if (_endsUs.TryGetValue(lease.Value, out long endsUs) && endsUs <= events.NowUs)
        {
            _endsUs.Remove(lease.Value);
            Apply(new Command { LeaseRevoke = new LeaseRevokeRequest { ID = lease.Value } });
            LeaseRanOut?.Invoke();
            Look();
        }
    }

    private CommandResult Apply(Command command)
    {
        LogIndex index = new(++_index);
        CommandResult result = (CommandResult)_state.Apply(index, new Term(1), command.ToByteArray())!;
        _state.BatchApplied(index);
        return result;
    }

    /// <summary>Tells of the nodes where something has changed.</summary>
    private void Look()
    {
        MetadataPage nodes = Range(MetadataKeys.AllOfCluster, 0, Revision.None)!;
        if (nodes.Entries.Count != _nodeKeys || nodes.Entries.Any(entry => entry.Revision > View.Revision))
        {
            _nodeKeys = nodes.Entries.Count;
            View = ClusterMonitor.ViewOf(nodes.Revision, nodes.Entries);
            NodesChanged?.Invoke(View);
        }
    }
}
