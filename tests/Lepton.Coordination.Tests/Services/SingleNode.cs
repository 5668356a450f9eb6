using Lepton.Coordination.Services;
using Lepton.Coordination.State;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;

namespace Lepton.Coordination.Tests.Services;

/// <summary>
/// A cluster of one without a log: what is proposed is applied at once. It can be told to fail, to follow, or to have
/// no leader.
/// </summary>
internal sealed class SingleNode : IConsensus
{
    private readonly Lock _gate = new();
    private readonly CoordinationState _state;
    private ConsensusStatus _status;

    public SingleNode(LeaseKeeper leases)
    {
        NodeId id = new(0x8e9e05c52164694d);
        _state = new CoordinationState(leases);
        _status = new ConsensusStatus(
            id, id, new Term(2), new LogIndex(1), new LogIndex(1),
            ClusterMembership.Empty with
            {
                Members = [new Member(id, "default", ["http://127.0.0.1:2380"])],
                Voters = [id],
            });
        leases.Attach(this, _state);
    }

    public CoordinationState State => _state;

    /// <summary>How all calls fail; null where they don't.</summary>
    public ConsensusFailure? Failure { get; set; }

    /// <summary>How changes of the membership fail; null where they don't.</summary>
    public ConsensusFailure? MembershipFailure { get; set; }

    /// <summary>Whether calls never end by themselves.</summary>
    public bool Hangs { get; set; }

    /// <summary>Runs within the next barrier.</summary>
    public Action? AtBarrier { get; set; }

    /// <summary>What barriers wait for.</summary>
    public Task BarrierGate { get; set; } = Task.CompletedTask;

    /// <summary>Barriers so far.</summary>
    public int Barriers { get; private set; }

    /// <summary>Proposals so far.</summary>
    public int Proposals { get; private set; }

    public ConsensusStatus Status
    {
        get => Volatile.Read(ref _status);
        set => Volatile.Write(ref _status, value);
    }

    public async Task<object?> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        await FailAsync(cancellationToken);
        lock (_gate)
        {
            Proposals++;
            LogIndex index = Status.Applied.Next;
            object? result = _state.Apply(index, Status.Term, command);
            Status = Status with { Applied = index, Commit = index };
            _state.BatchApplied(index);
            while (_state.Prune(1000))
            {
            }

            return result;
        }
    }

    public async Task<LogIndex> ReadBarrierAsync(CancellationToken cancellationToken)
    {
        await FailAsync(cancellationToken);
        lock (_gate)
        {
            Barriers++;
        }

        await BarrierGate.WaitAsync(cancellationToken);
        Action? action = AtBarrier;
        AtBarrier = null;
        action?.Invoke();
        return Status.Applied;
    }

    public async Task<ClusterMembership> ChangeMembershipAsync(
        MembershipChange change, CancellationToken cancellationToken)
    {
        await FailAsync(cancellationToken);
        if (MembershipFailure is { } refusal)
        {
            throw new ConsensusException(refusal, "the test wants it so");
        }

        lock (_gate)
        {
            ClusterMembership membership = Apply(Status.Membership, change);
            LogIndex index = Status.Applied.Next;
            Status = Status with { Membership = membership, Applied = index, Commit = index };
            _state.MembershipCommitted(index, membership);
            return membership;
        }
    }

    public async Task TransferLeadershipAsync(NodeId successor, CancellationToken cancellationToken)
    {
        await FailAsync(cancellationToken);
        Status = Status with { Leader = successor, Term = Status.Term.Next };
    }

    private static ClusterMembership Apply(ClusterMembership membership, MembershipChange change)
    {
        switch (change)
        {
            case MembershipChange.AddLearner add:
                return membership with
                {
                    Members = Sorted([.. membership.Members, add.Member]),
                    Learners = Sorted([.. membership.Learners, add.Member.Id]),
                };
            case MembershipChange.AddVoter add:
                return membership with
                {
                    Members = Sorted([.. membership.Members, add.Member]),
                    Voters = Sorted([.. membership.Voters, add.Member.Id]),
                };
            case MembershipChange.Promote promote:
                return membership with
                {
                    Learners = [.. membership.Learners.Where(id => id != promote.Id)],
                    Voters = Sorted([.. membership.Voters, promote.Id]),
                };
            case MembershipChange.Remove remove:
                return membership with
                {
                    Members = [.. membership.Members.Where(member => member.Id != remove.Id)],
                    Learners = [.. membership.Learners.Where(id => id != remove.Id)],
                    Voters = [.. membership.Voters.Where(id => id != remove.Id)],
                };
            case MembershipChange.Update update:
                return membership with
                {
                    Members = Sorted(
                        [.. membership.Members.Where(member => member.Id != update.Member.Id), update.Member]),
                };
            default:
                throw new ArgumentOutOfRangeException(nameof(change));
        }
    }

    private static Member[] Sorted(Member[] members) => [.. members.OrderBy(member => member.Id)];

    private static NodeId[] Sorted(NodeId[] ids) => [.. ids.Order()];

    private async Task FailAsync(CancellationToken cancellationToken)
    {
        if (Hangs)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }

        if (Failure is { } failure)
        {
            throw new ConsensusException(failure, "the test wants it so");
        }
    }
}
