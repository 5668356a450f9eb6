using Lepton.Core;
using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Hosting;

/// <summary>
/// One node: its core, its log and its state machine, tied together in the order that the core asks for. Synchronous
/// and owned by one thread, so that a simulation drives the same node as <see cref="RaftHost"/> does. Inputs may come
/// in any number; then <see cref="Turn"/> is called until it has nothing to do. What must be durable is written with
/// one sync a turn, however many inputs there were.
/// </summary>
public sealed class RaftNode : IDisposable
{
    private const string TimeoutMessage =
        "No answer in time from a majority of the voters: this may or may not take effect. Read before trying again.";

    private const string FullMessage =
        "The disks of so many voters became full that this could not be written: it may or may not take effect, once " +
        "there is room. Make some, then read before trying again.";

    private readonly RaftNodeOptions _options;
    private readonly IRaftLog _log;
    private readonly IStateMachine _machine;
    private readonly INodeSurroundings _surroundings;
    private readonly NodeSnapshots _snapshots;
    private readonly RequestTable<object?> _proposals = new();
    private readonly MembershipRequests _changes = new();
    private readonly ReadRequests _reads = new();
    private readonly ulong _session;
    private ClusterMembership _appliedMembership;
    private Term _appliedTerm;
    private NodeRequest<NodeId>? _transfer;
    private NodeId _transferTo;
    private long _tick;

    /// <summary>Starts a node from what its disk holds; its state machine has restored the log's snapshot.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="session">Differs at each start of the node, with overwhelming likelihood.</param>
    /// <param name="log">Its log, with a first entry at least where the node belongs to a new cluster.</param>
    /// <param name="snapshots">Its snapshots.</param>
    /// <param name="machine">Its state, as of <paramref name="log"/>'s snapshot.</param>
    /// <param name="surroundings">What happens outside of its thread.</param>
    /// <exception cref="ArgumentException">The options are wrong; all faults are told.</exception>
    public RaftNode(
        RaftNodeOptions options, ulong session, IRaftLog log, SnapshotStore snapshots, IStateMachine machine,
        INodeSurroundings surroundings)
    {
        if (options.Validate() is { Count: > 0 } faults)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));
        }

        _options = options;
        _session = session;
        _log = log;
        _machine = machine;
        _surroundings = surroundings;
        _snapshots = new NodeSnapshots(options, snapshots, log, machine, surroundings);
        Applied = log.Snapshot.Index;
        _appliedTerm = log.Snapshot.Term;
        _appliedMembership = log.Snapshot.Membership;
        Core = new RaftCore(options.Core, log, log.HardState, Applied, log.Damage);
    }

    /// <summary>What the state machine has applied.</summary>
    public LogIndex Applied { get; private set; }

    /// <summary>The membership as of what was applied.</summary>
    public ClusterMembership AppliedMembership => _appliedMembership;

    /// <summary>The consensus of this node, to be looked at.</summary>
    internal RaftCore Core { get; }

    /// <summary>How the node stands.</summary>
    public ConsensusStatus Status() => new(Core.Id, Core.Leader, Core.Term, Core.Commit, Applied, Core.Membership)
    {
        AppliedMembership = _appliedMembership,
        IsDiskFull = Core.IsDiskFull,
        IsDamaged = Core.IsDamaged,
        SnapshotFault = _snapshots.Fault,
    };

    /// <summary>Time passes.</summary>
    public void Tick()
    {
        _tick++;
        Core.Tick();
        if (Core.IsDiskFull && _tick % _options.DiskFullRetryTicks == 0)
        {
            Core.DiskSpaceBack();
        }

        if (Core.LacksRoom)
        {
            // They stay in the log, and are carried out if there is room soon: nobody should wait for that.
            _proposals.FailWhere(static _ => true, ConsensusFailure.Timeout, FullMessage);
        }

        _proposals.Expire(_tick, TimeoutMessage);
        _changes.Expire(_tick, TimeoutMessage);
        _reads.Expire(_tick);
        if (_transfer is { } transfer && transfer.DeadlineTick <= _tick)
        {
            EndTransfer(ConsensusFailure.Timeout,
                $"{_transferTo} did not take over in time; this node may still lead. Look whether it is reachable.");
        }
    }

    /// <summary>A message has come.</summary>
    public void Receive(RaftMessage message) => Core.Step(message);

    /// <summary>The way to a peer broke.</summary>
    public void PeerUnreachable(NodeId peer) => Core.PeerUnreachable(peer);

    /// <summary>A snapshot job of <see cref="INodeSurroundings"/> has run.</summary>
    public void SnapshotJobDone(SnapshotJob job) => _snapshots.JobDone(job);

    /// <summary>Has a command agreed on and applied here; see <see cref="IConsensus.ProposeAsync"/>.</summary>
    public void Propose(ReadOnlyMemory<byte> command, NodeRequest<object?> request)
    {
        if (_proposals.Count >= _options.ProposalsMax)
        {
            request.Fail(ConsensusFailure.Overloaded,
                $"{_proposals.Count} proposals are under way at this node. Send fewer at a time.");
            return;
        }

        // Also on the way to another leader, which tells of those alone that it refuses: until they are applied here,
        // they may be in memory, here and there.
        if (_proposals.Bytes > 0 && _proposals.Bytes + command.Length > _options.ProposalBytesMax)
        {
            request.Fail(ConsensusFailure.Overloaded,
                $"Proposals of {_proposals.Bytes:N0} bytes are under way at this node, and " +
                $"{_options.ProposalBytesMax:N0} is the most. Send fewer at a time.");
            return;
        }

        Begin(request);
        request.Bytes = command.Length;
        ulong id = _proposals.Add(request);
        if (Core.Propose(id, CommandEnvelope.Wrap(_session, id, command.Span)) is { } failure)
        {
            _proposals.Take(id)!.Fail(failure, FailureText.Of(failure));
        }
    }

    /// <summary>Waits for the state to hold all that is committed by now; see
    /// <see cref="IConsensus.ReadBarrierAsync"/>.</summary>
    public void Read(NodeRequest<LogIndex> request)
    {
        Begin(request);
        _reads.Add(request);
    }

    /// <summary>Changes the membership; see <see cref="IConsensus.ChangeMembershipAsync"/>.</summary>
    public void ChangeMembership(MembershipChange change, NodeRequest<ClusterMembership> request)
    {
        Begin(request);
        ulong id = _changes.Add(request);
        if (Core.ChangeMembership(id, change) is { } failure)
        {
            _changes.Refuse(id, failure);
        }
    }

    /// <summary>Has another node lead; see <see cref="IConsensus.TransferLeadershipAsync"/>.</summary>
    public void TransferLeadership(NodeId successor, NodeRequest<NodeId> request)
    {
        Begin(request);
        if (Core.TransferLeadership(successor) is { } failure)
        {
            request.Fail(failure, FailureText.Of(failure));
            return;
        }

        EndTransfer(ConsensusFailure.LeaderChanged, "Another hand-over was asked for.");
        (_transfer, _transferTo) = (request, successor);
    }

    /// <summary>Carries out what the inputs since the last turn ask for.</summary>
    /// <returns>Whether there was anything to do; where so, there may be more.</returns>
    /// <exception cref="DiskFailedException">The disk can't be trusted any more: the node must not go on.</exception>
    public bool Turn()
    {
        _reads.Ask(Core);
        RaftEffects effects = Core.TakeEffects();
        if (effects.IsEmpty)
        {
            return false;
        }

        _surroundings.Send(effects.Messages);
        if (!effects.MustWrite || Write(effects))
        {
            _surroundings.Send(effects.MessagesAfterDurable);
        }

        Answer(effects);
        _snapshots.Serve(Core, effects.SnapshotReads, Applied, _appliedTerm, _appliedMembership);
        _snapshots.Receive(Core, effects.SnapshotWrites);

        // What was committed lies before the snapshot that the same turn installs.
        Apply(effects.Committed);
        if (effects.Install is { } meta && _snapshots.Install(Core, meta))
        {
            (Applied, _appliedTerm, _appliedMembership) = (meta.Index, meta.Term, meta.Membership);
            _changes.Committed(meta.Index, meta.Membership);
            _machine.BatchApplied(Applied);
        }

        _reads.Confirm(effects, Applied, Core.IsDiskFull ? _log.LastIndex : null);
        return true;
    }

    /// <summary>Ends all that is under way: the node stops.</summary>
    public void Stop(string reason)
    {
        _proposals.FailWhere(static _ => true, ConsensusFailure.Stopped, reason);
        _changes.Stop(reason);
        _reads.Stop(reason);
        EndTransfer(ConsensusFailure.Stopped, reason);
    }

    /// <summary>Closes the files that it reads and writes beside its log, which stays the caller's.</summary>
    public void Dispose() => _snapshots.Dispose();

    private void Begin<T>(NodeRequest<T> request)
    {
        request.DeadlineTick = _tick + _options.RequestTicksMax;
        request.Leadership = (Core.Term, Core.Leader);
    }

    private bool Write(RaftEffects effects)
    {
        try
        {
            _log.Append(effects.Entries, effects.HardState);
        }
        catch (DiskFullException)
        {
            Core.DiskFull(effects.Mark);
            return false;
        }

        _log.Sync();
        Core.Persisted(effects.Mark);
        return true;
    }

    private void Answer(RaftEffects effects)
    {
        foreach (ProposalOutcome outcome in effects.Outcomes)
        {
            // Numbers of commands and of changes are told apart by their highest bit.
            if (MembershipRequests.Owns(outcome.Id))
            {
                _changes.Decided(outcome);
            }
            else if (outcome.Failure is { } failure)
            {
                _proposals.Take(outcome.Id)?.Fail(failure, FailureText.Of(failure));
            }
        }

        if (effects.LeadershipChanged)
        {
            (Term, NodeId) now = (Core.Term, Core.Leader);
            string message = FailureText.Of(ConsensusFailure.LeaderChanged);
            _proposals.FailWhere(request => request.Leadership != now, ConsensusFailure.LeaderChanged, message);
            _changes.LeadershipChanged(now, message);
        }

        if (_transfer is not null && Core.Leader == _transferTo)
        {
            _transfer.Succeed(_transferTo);
            _transfer = null;
        }
        else if (Core.TransferTarget == NodeId.None && Core.Role == RaftRole.Leader)
        {
            EndTransfer(ConsensusFailure.Timeout, $"{_transferTo} did not take over in time; this node still leads.");
        }
    }

    private void Apply(IReadOnlyList<LogEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        long bytes = 0;
        foreach (LogEntry entry in entries)
        {
            Invariant.Check(entry.Index == Applied.Next);
            Apply(entry);
            Applied = entry.Index;
            _appliedTerm = entry.Term;
            bytes += entry.Data.Length;
        }

        _machine.BatchApplied(Applied);
        _snapshots.Applied(bytes, Applied, _appliedTerm, _appliedMembership);
    }

    private void Apply(LogEntry entry)
    {
        if (entry.Kind == EntryKind.Command)
        {
            (ulong session, ulong id, ReadOnlyMemory<byte> command) = CommandEnvelope.Unwrap(entry.Data);
            object? result = _machine.Apply(entry.Index, entry.Term, command);
            if (session == _session)
            {
                _proposals.Take(id)?.Succeed(result);
            }
        }
        else if (entry.Kind == EntryKind.Membership)
        {
            _appliedMembership = MembershipCodec.Decode(entry.Data);
            _machine.MembershipCommitted(entry.Index, _appliedMembership);
            _changes.Committed(entry.Index, _appliedMembership);
        }
    }

    private void EndTransfer(ConsensusFailure failure, string message)
    {
        _transfer?.Fail(failure, message);
        _transfer = null;
    }
}
