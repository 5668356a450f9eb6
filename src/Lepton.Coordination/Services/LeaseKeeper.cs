using System.Collections.Immutable;
using Google.Protobuf;
using Lepton.Coordination.Leases;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Raft;
using Lepton.Raft.Hosting;

namespace Lepton.Coordination.Services;

/// <summary>
/// Keeps the time of leases where this node leads: gives all of them their whole time when it begins to lead, renews
/// them, and has those whose time is over ended by a command bound to its term. Make it before the state, which tells
/// it of leases; then call <see cref="Attach"/>, and <see cref="Tick"/> several times a second. Thread safe.
/// </summary>
internal sealed class LeaseKeeper(TimeProvider timeProvider) : ILeaseObserver
{
    private const int ExpiredPerCommandMax = 1000;
    private readonly LeaseClock _clock = new();
    private readonly Lock _gate = new();
    private IConsensus? _consensus;
    private CoordinationState? _state;

    /// <summary>Says whose leases these are.</summary>
    public void Attach(IConsensus consensus, CoordinationState state) => (_consensus, _state) = (consensus, state);

    /// <summary>Takes note of who leads, and has leases ended whose time is over.</summary>
    public void Tick()
    {
        FollowLeadership();
        IReadOnlyList<long> expired = _clock.TakeExpired(NowMs(), ExpiredPerCommandMax, out long term);
        if (expired.Count > 0)
        {
            Command command = new() { LeaseExpire = new LeaseExpire { Term = (ulong)term, Ids = { expired } } };

            // Where it fails the clock reports them again, if this node still leads.
            _ = _consensus!.ProposeAsync(command.ToByteArray(), CancellationToken.None).ContinueWith(
                static done => _ = done.Exception, CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>
    /// Gives leases their whole time again, and returns when this node is known to have led after that.
    /// </summary>
    /// <returns>How each stands then, in their order.</returns>
    /// <exception cref="ConsensusException">This node does not lead, or could not confirm that it does.</exception>
    public async Task<IReadOnlyList<LeaseTime>> KeepAliveAsync(
        IReadOnlyList<long> leaseIds, CancellationToken cancellationToken)
    {
        long term = LeadingTerm();
        LeaseTime[] times = [.. leaseIds.Select(Renew)];
        await ConfirmAsync(term, cancellationToken).ConfigureAwait(false);
        if (!times.All(static time => time.Exists))
        {
            // Those that were not found may have been granted by entries that were not applied here yet.
            for (int i = 0; i < times.Length; i++)
            {
                times[i] = times[i].Exists ? times[i] : Renew(leaseIds[i]);
            }

            await ConfirmAsync(term, cancellationToken).ConfigureAwait(false);
        }

        // Some may have ended meanwhile.
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = times[i].Exists && !Lives(leaseIds[i]) ? LeaseTime.NotFound : times[i];
        }

        return times;
    }

    /// <summary>Says how long leases still have.</summary>
    /// <inheritdoc cref="KeepAliveAsync"/>
    public async Task<IReadOnlyList<LeaseTime>> TimeToLiveAsync(
        IReadOnlyList<long> leaseIds, CancellationToken cancellationToken)
    {
        await ConfirmAsync(LeadingTerm(), cancellationToken).ConfigureAwait(false);
        return [.. leaseIds.Select(Remaining)];
    }

    private LeaseTime Renew(long leaseId)
    {
        LeaseFailure failure = _clock.Renew(leaseId, NowMs(), out long ttlSeconds);
        if (failure == LeaseFailure.NotFound)
        {
            return LeaseTime.NotFound;
        }

        Check(failure);
        return new LeaseTime(TimeSpan.FromSeconds(ttlSeconds), ttlSeconds);
    }

    private bool Lives(long leaseId)
    {
        LeaseFailure failure = _clock.Lives(leaseId, NowMs());
        if (failure == LeaseFailure.NotFound)
        {
            return false;
        }

        Check(failure);
        return true;
    }

    private LeaseTime Remaining(long leaseId)
    {
        LeaseFailure failure = _clock.Remaining(leaseId, NowMs(), out long remainingMs, out long ttlSeconds);
        if (failure == LeaseFailure.NotFound)
        {
            return LeaseTime.NotFound;
        }

        Check(failure);
        return new LeaseTime(TimeSpan.FromMilliseconds(remainingMs), ttlSeconds);
    }

    /// <inheritdoc/>
    public void Granted(long id, long ttlSeconds) => _clock.Granted(id, ttlSeconds, NowMs());

    /// <inheritdoc/>
    public void Ended(long id) => _clock.Ended(id);

    /// <inheritdoc/>
    public void Replaced(LeaseTable leases)
    {
        // A node whose state is replaced does not lead; should it come to, it begins anew.
        _clock.Demote();
    }

    private static void Check(LeaseFailure failure)
    {
        if (failure != LeaseFailure.None)
        {
            throw NotLeader();
        }
    }

    private static ConsensusException NotLeader() => new(ConsensusFailure.NotLeader,
        "only the leader keeps the time of leases, and this node does not lead; ask the leader");

    /// <summary>The term in which this node leads, with the clock of leases running.</summary>
    private long LeadingTerm()
    {
        FollowLeadership();
        ConsensusStatus status = _consensus!.Status;
        return status.IsLeader ? status.Term.Value : throw NotLeader();
    }

    private async Task ConfirmAsync(long term, CancellationToken cancellationToken)
    {
        await _consensus!.ReadBarrierAsync(cancellationToken).ConfigureAwait(false);
        ConsensusStatus status = _consensus.Status;
        if (!status.IsLeader || status.Term != new Term(term))
        {
            throw NotLeader();
        }
    }

    private void FollowLeadership()
    {
        ConsensusStatus status = _consensus!.Status;
        long leads = status.IsLeader ? status.Term.Value : 0;
        if (_clock.Term == leads)
        {
            return;
        }

        lock (_gate)
        {
            if (leads == 0)
            {
                _clock.Demote();
            }
            else if (_clock.Term != leads)
            {
                Promote(leads);
            }
        }
    }

    private void Promote(long term)
    {
        ImmutableSortedDictionary<long, long> before = _state!.Leases.TtlSeconds;
        _clock.Promote(term, before, NowMs());

        // The clock did not listen yet to what the log has granted and ended since the table was read.
        ImmutableSortedDictionary<long, long> after = _state.Leases.TtlSeconds;
        if (ReferenceEquals(before, after))
        {
            return;
        }

        foreach ((long id, long ttlSeconds) in after)
        {
            if (!before.ContainsKey(id))
            {
                _clock.Granted(id, ttlSeconds, NowMs());
            }
        }

        foreach (long id in before.Keys)
        {
            if (!after.ContainsKey(id))
            {
                _clock.Ended(id);
            }
        }
    }

    private long NowMs() => (long)timeProvider.GetElapsedTime(0).TotalMilliseconds;
}
