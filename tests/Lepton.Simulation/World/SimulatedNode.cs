using System.Diagnostics.CodeAnalysis;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Core.Randomness;
using Lepton.Raft;
using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Hosting;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;
using Lepton.Simulation.Disk;

namespace Lepton.Simulation.World;

/// <summary>One machine of the simulation: a disk that outlives crashes, and the real node on it while it runs. As in
/// its host, the node's one thread does nothing else while the disk keeps it waiting, and ticks that it misses are one.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Stop closes what it holds; a run that ends is memory alone.")]
internal sealed class SimulatedNode : INodeSurroundings
{
    private const long TickUs = 100_000;
    private const int TurnUsMax = 500;
    private const int WatchBufferChangesMax = 6;
    private readonly SimulatedCluster _cluster;
    private readonly SeededRandom _random;
    private readonly List<Action> _heldWhilePaused = [];
    private CoordinationState? _state;
    private LeaseKeeper? _leases;
    private ObservedLog? _log;
    private RaftNode? _raft;
    private SnapshotJob? _job;
    private long _life;
    private bool _isTurnPlanned;
    private bool _isTickWaiting;
    private long _busyUntilUs;
    private LogIndex _committed;

    public SimulatedNode(SimulatedCluster cluster, NodeId id, SeededRandom random)
    {
        _cluster = cluster;
        _random = random;
        Id = id;
        Disk = new SimulatedDisk(random.NextUInt64(), $"/node-{id}") { Counts = cluster.Faults };
    }

    public NodeId Id { get; }

    public SimulatedDisk Disk { get; }

    public bool IsRunning => _raft is not null;

    public bool IsPaused { get; private set; }

    /// <summary>How long its ticks are, in thousandths of the right length.</summary>
    public int ClockPerMille { get; set; } = 1000;

    /// <summary>The newest format of commands that the version on this machine reads.</summary>
    public uint FormatMax { get; set; } = StateManifest.CommandFormatMax;

    /// <summary>Whether the node answers, or will when its disk lets it.</summary>
    public bool IsUp => IsRunning && !IsPaused;

    /// <summary>Why the node has stopped by itself; null where it has not.</summary>
    public string? StopReason { get; private set; }

    public RaftNode Raft => _raft ?? throw new InvalidOperationException($"The node {Id} does not run.");

    public CoordinationState State => _state ?? throw new InvalidOperationException($"The node {Id} does not run.");

    /// <summary>How the node stood when its thread last had nothing to do, as its host tells it.</summary>
    public ConsensusStatus Status { get; private set; } = null!;

    /// <summary>Starts the node from its disk; the first start of a new cluster's member lays its log.</summary>
    public void Start(ClusterMembership? newCluster)
    {
        try
        {
            _life++;
            StopReason = null;
            IsPaused = false;
            Open(newCluster);
            PlanTick(_life);
            PlanTurn();
        }
        catch (DiskFailedException fault)
        {
            Stop(fault.Message);
        }
        catch (DiskFullException fault)
        {
            Stop(fault.Message);
        }
        catch (SimulatedPowerLossException)
        {
            LosePowerInWrite();
        }
    }

    /// <summary>The process ends: what it has written is with the system.</summary>
    public void Kill()
    {
        Stop(null);
        Disk.CrashProcess();
    }

    /// <summary>The power fails: what was not synced is lost, or torn.</summary>
    public void LosePower()
    {
        Stop(null);
        Disk.CrashMachine();
    }

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        List<Action> held = [.. _heldWhilePaused];
        _heldWhilePaused.Clear();
        held.ForEach(action => action());
    }

    /// <summary>Does something on the node's thread, if it runs, when that is free.</summary>
    public void Do(Action<RaftNode> action) => DoIn(_life, action);

    /// <summary>Does something on the node's thread once that is done with what it does now.</summary>
    public void Afterwards(Action action)
    {
        long life = _life;
        _cluster.Events.After(0, () => DoIn(life, _ => action()));
    }

    /// <summary>
    /// Has the leader keep a lease alive, by way of this node where that is another one. What comes of it is told, null
    /// for nothing, unless a node is gone meanwhile.
    /// </summary>
    public void KeepAlive(long lease, Action<LeaseTime?> answered) => Do(raft =>
    {
        if (Status.IsLeader)
        {
            KeepAliveHere(lease, answered);
        }
        else if (_cluster.NodeOf(Status.Leader) is { } leader)
        {
            _cluster.Events.After(_random.NextInt32(20_000), () => leader.Do(
                there => leader.KeepAliveHere(lease, answered)));
        }
        else
        {
            answered(null);
        }
    });

    /// <summary>What it has committed since it was last asked: from the first to the last entry.</summary>
    public (LogIndex From, LogIndex To) TakeCommitted()
    {
        (LogIndex from, _committed) = (_committed.Next, Raft.Core.Commit);
        return (from, _committed);
    }

    /// <summary>A hash of what the node's state holds.</summary>
    public uint HashOfState()
    {
        ReadFailure failure = StateHash.Compute(State.Store, State.Store.Revision, out uint hash, out _);
        ClusterTruth.Demand(failure == ReadFailure.None, "hash", $"{Id} can't hash its newest revision: {failure}");
        return hash;
    }

    /// <summary>The value of a key, null for none, and the revision as of which it is that.</summary>
    public (string? Value, long Revision) Read(string key)
    {
        RangeRequest request = new() { Key = Google.Protobuf.ByteString.CopyFromUtf8(key) };
        RangeResponse response = (RangeResponse)Reads.Range(State.Store, request).Response!;
        return (response.Kvs.Count == 0 ? null : response.Kvs[0].Value.ToStringUtf8(), response.Header.Revision);
    }

    void INodeSurroundings.Send(IReadOnlyList<RaftMessage> messages)
    {
        foreach (RaftMessage message in messages)
        {
            _cluster.Network.Send(message, Disk.SpentUs);
        }
    }

    void INodeSurroundings.RunSnapshotJob(SnapshotJob job)
    {
        long life = _life;
        _job = job;
        _cluster.Events.After(_random.NextInt32(50_000), () =>
        {
            if (life == _life && IsRunning)
            {
                _job = null;
                Guarded(() => job.Run(CancellationToken.None));

                // It runs on a thread of its own: what it waits for the disk keeps nobody else waiting.
                Disk.TakeSpentUs();
                Do(raft => raft.SnapshotJobDone(job));
            }
        });
    }

    private void Open(ClusterMembership? newCluster)
    {
        _leases = new LeaseKeeper(new SimulatedTime(_cluster.Events));
        _state = new CoordinationState(_leases, WatchBufferChangesMax, FormatMax);
        _leases.Attach(new SimulatedConsensus(this), _state);
        ObservedMachine machine = new(_state, this, _cluster);
        LogIdentity identity = new(7, Id);
        SnapshotStore snapshots = SnapshotStore.Open(Disk, identity);
        SnapshotMeta snapshot = snapshots.Latest;
        using (Lepton.Raft.Log.SnapshotReader? reader = snapshots.TryOpen(snapshot))
        {
            if (reader is not null)
            {
                using Stream data = reader.OpenData();
                machine.Restore(snapshot, data);
            }
        }

        SegmentedLogOptions logOptions = new() { SegmentBytes = 64 << 10 };
        _log = new ObservedLog(SegmentedLog.Open(Disk, identity, snapshot, logOptions), Id, _cluster.Truth);
        if (_log.Damage is not null)
        {
            _cluster.Faults.Hit(Fault.DamageFoundAtStart);
        }

        if (newCluster is not null && _log.LastIndex == LogIndex.Zero && _log.HardState == default
            && _log.Damage is null)
        {
            _log.Append([Bootstrap.FirstEntry(newCluster)], Bootstrap.HardState);
            _log.Sync();
        }

        RaftOptions core = new()
        {
            Id = Id,
            Seed = _random.NextUInt64(),
            SnapshotChunkBytes = 256,
            LeaseReads = _cluster.Scenario.LeaseReads,
            PromotionLagMax = 50,

            // Some leaders refuse what could stop the cluster, some do not: safety must not rest on it.
            StrictReconfiguration = Id.Value % 2 == 0,
        };
        RaftNodeOptions options = new() { Core = core, SnapshotEveryBytesMin = 4000, TrailingEntries = 20 };
        _raft = new RaftNode(options, _random.NextUInt64(), _log, snapshots, machine, this);
        _committed = snapshot.Index;
        Status = _raft.Status();
    }

    private void KeepAliveHere(long lease, Action<LeaseTime?> answered) => _ = KeepAliveAsync(lease, answered);

    private async Task KeepAliveAsync(long lease, Action<LeaseTime?> answered)
    {
        try
        {
            answered((await _leases!.KeepAliveAsync([lease], CancellationToken.None).ConfigureAwait(false))[0]);
        }
        catch (ConsensusException)
        {
            answered(null);
        }
        catch (Exception fault)
        {
            _cluster.Events.After(0, () => throw new SafetyViolationException($"keep-alive: {fault}"));
        }
    }

    private void DoIn(long life, Action<RaftNode> action)
    {
        if (life != _life || _raft is not { } raft)
        {
            return;
        }

        if (IsPaused)
        {
            _heldWhilePaused.Add(() => DoIn(life, action));
        }
        else if (_cluster.Events.NowUs < _busyUntilUs)
        {
            _cluster.Events.After(_busyUntilUs - _cluster.Events.NowUs, () => DoIn(life, action));
        }
        else
        {
            Guarded(() =>
            {
                action(raft);
                _cluster.Look(this);
            });
            PlanTurn();
        }
    }

    private void PlanTick(long life) => _cluster.Events.After(TickUs * ClockPerMille / 1000, () =>
    {
        if (life == _life && IsRunning)
        {
            if (!_isTickWaiting)
            {
                _isTickWaiting = true;
                Do(raft =>
                {
                    _isTickWaiting = false;
                    raft.Tick();
                    _leases!.Tick();
                });
            }

            PlanTick(life);
        }
    });

    private void PlanTurn()
    {
        if (_isTurnPlanned || !IsRunning)
        {
            return;
        }

        // Inputs that come while the disk is busy share the next turn.
        long life = _life;
        _isTurnPlanned = true;
        _cluster.Events.After(Math.Max(_busyUntilUs - _cluster.Events.NowUs, _random.NextInt32(TurnUsMax)), () =>
        {
            if (life == _life)
            {
                _isTurnPlanned = false;
                Turn();
            }
        });
    }

    private void Turn()
    {
        if (IsPaused)
        {
            _heldWhilePaused.Add(PlanTurn);
            return;
        }

        Guarded(() =>
        {
            while (IsRunning && Raft.Turn())
            {
                _cluster.Look(this);
            }

            Status = IsRunning ? Raft.Status() : Status;
        });
        _busyUntilUs = _cluster.Events.NowUs + Disk.TakeSpentUs();
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (DiskFailedException fault)
        {
            // The process ends; the system may have dropped what it could not write.
            Stop(fault.Message);
            Disk.CrashMachine();
        }
        catch (SimulatedPowerLossException)
        {
            LosePowerInWrite();
        }
    }

    private void LosePowerInWrite()
    {
        _cluster.Faults.Hit(Fault.PowerLostInWrite);
        LosePower();
    }

    private void Stop(string? fault)
    {
        StopReason = fault;
        _raft?.Dispose();
        _raft = null;
        _state = null;
        _leases = null;
        _log?.Dispose();
        _log = null;
        _job?.Abandon();
        _job = null;
        _isTurnPlanned = false;
        _isTickWaiting = false;
        _busyUntilUs = 0;
        IsPaused = false;
        _heldWhilePaused.Clear();
        _life++;
    }
}
