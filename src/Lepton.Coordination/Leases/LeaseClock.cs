namespace Lepton.Coordination.Leases;

/// <summary>
/// The leader's half of leases: when each one's time is over. It belongs to one node and to one term of its leadership,
/// nothing in it is replicated. A new leader gives every lease its whole time again; a node that does not lead lets
/// none expire and renews none. Time comes in as milliseconds of a clock that never goes back. Thread safe.
/// </summary>
internal sealed class LeaseClock
{
    /// <summary>After so long a lease that was reported as expired and is still there is reported again, in
    /// milliseconds: the command may have been lost.</summary>
    public const long ReportAgainMs = 2000;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Lease> _leases = [];
    private readonly PriorityQueue<Lease, (long DueMs, long Id)> _due = new();
    private long _term;

    /// <summary>The term that this node leads in; 0 where it does not lead.</summary>
    public long Term
    {
        get
        {
            lock (_gate)
            {
                return _term;
            }
        }
    }

    /// <summary>This node leads from now on: every lease has its whole time before it.</summary>
    /// <param name="term">The term, above 0.</param>
    /// <param name="ttlSeconds">The leases there are, in ascending order of ids, with the time that each was
    /// granted.</param>
    /// <param name="nowMs">The time.</param>
    public void Promote(long term, IEnumerable<KeyValuePair<long, long>> ttlSeconds, long nowMs)
    {
        lock (_gate)
        {
            Clear();
            _term = term;
            foreach (var (id, ttl) in ttlSeconds)
            {
                Add(id, ttl, nowMs);
            }
        }
    }

    /// <summary>This node no longer leads.</summary>
    public void Demote()
    {
        lock (_gate)
        {
            Clear();
        }
    }

    /// <summary>A lease was granted.</summary>
    public void Granted(long id, long ttlSeconds, long nowMs)
    {
        lock (_gate)
        {
            if (_term > 0)
            {
                Add(id, ttlSeconds, nowMs);
            }
        }
    }

    /// <summary>A lease has ended.</summary>
    public void Ended(long id)
    {
        lock (_gate)
        {
            _leases.Remove(id);
        }
    }

    /// <summary>
    /// Gives a lease its whole time again. Before the answer leaves, the caller confirms that this node still leads in
    /// that term: a deposed leader must not say that a lease lives.
    /// </summary>
    /// <param name="id">Which.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="ttlSeconds">Its whole time.</param>
    public LeaseFailure Renew(long id, long nowMs, out long ttlSeconds)
    {
        ttlSeconds = 0;
        lock (_gate)
        {
            if (_term == 0)
            {
                return LeaseFailure.NotLeader;
            }

            if (!_leases.TryGetValue(id, out var lease) || lease.IsOver(nowMs))
            {
                return LeaseFailure.NotFound;
            }

            ttlSeconds = lease.TtlSeconds;
            lease.ExpiryMs = nowMs + (1000 * ttlSeconds);
            return LeaseFailure.None;
        }
    }

    /// <summary>
    /// Whether a lease that was renewed is still there: it may have been ended while the leader was being confirmed, or
    /// its time may be over.
    /// </summary>
    public LeaseFailure Lives(long id, long nowMs)
    {
        lock (_gate)
        {
            return _term == 0 ? LeaseFailure.NotLeader
                : _leases.TryGetValue(id, out var lease) && !lease.IsOver(nowMs) ? LeaseFailure.None
                : LeaseFailure.NotFound;
        }
    }

    /// <summary>How long a lease has still to live, in milliseconds.</summary>
    public LeaseFailure Remaining(long id, long nowMs, out long remainingMs, out long ttlSeconds)
    {
        (remainingMs, ttlSeconds) = (0, 0);
        lock (_gate)
        {
            if (_term == 0)
            {
                return LeaseFailure.NotLeader;
            }

            if (!_leases.TryGetValue(id, out var lease))
            {
                return LeaseFailure.NotFound;
            }

            remainingMs = Math.Max(lease.ExpiryMs - nowMs, 0);
            ttlSeconds = lease.TtlSeconds;
            return LeaseFailure.None;
        }
    }

    /// <summary>
    /// The leases whose time is over, in the order in which it was. Their end has to be agreed on, as a command that is
    /// bound to <see cref="Term"/>.
    /// </summary>
    /// <param name="nowMs">The time.</param>
    /// <param name="idsMax">How many, at most.</param>
    /// <param name="term">The term that they expired in; 0 where this node does not lead.</param>
    public IReadOnlyList<long> TakeExpired(long nowMs, int idsMax, out long term)
    {
        List<long> expired = [];
        lock (_gate)
        {
            term = _term;
            while (expired.Count < idsMax && _due.TryPeek(out var lease, out var due) && due.DueMs <= nowMs)
            {
                _due.Dequeue();
                if (!_leases.TryGetValue(lease.Id, out var current) || !ReferenceEquals(current, lease))
                {
                    continue;
                }

                if (lease.ExpiryMs > nowMs)
                {
                    _due.Enqueue(lease, (lease.ExpiryMs, lease.Id));
                    continue;
                }

                lease.IsReported = true;
                expired.Add(lease.Id);
                _due.Enqueue(lease, (nowMs + ReportAgainMs, lease.Id));
            }
        }

        return expired;
    }

    /// <summary>When to look next, as a time of the same clock; null where no lease is kept.</summary>
    public long? NextDueMs()
    {
        lock (_gate)
        {
            return _due.TryPeek(out _, out var due) ? due.DueMs : null;
        }
    }

    private void Clear()
    {
        _term = 0;
        _leases.Clear();
        _due.Clear();
    }

    private void Add(long id, long ttlSeconds, long nowMs)
    {
        var lease = new Lease(id, ttlSeconds) { ExpiryMs = nowMs + (1000 * ttlSeconds) };
        _leases[id] = lease;
        _due.Enqueue(lease, (lease.ExpiryMs, id));
    }

    private sealed class Lease(long id, long ttlSeconds)
    {
        public long Id => id;

        public long TtlSeconds => ttlSeconds;

        public long ExpiryMs { get; set; }

        /// <summary>
        /// Whether it was reported as expired: its end may be on its way through the log, and nothing calls that back,
        /// not even a keep-alive that has read the time before.
        /// </summary>
        public bool IsReported { get; set; }

        public bool IsOver(long nowMs) => IsReported || ExpiryMs <= nowMs;
    }
}
