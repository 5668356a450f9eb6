using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Recipes.Sessions;

namespace Lepton.Coordination.Recipes;

/// <summary>
/// A lease that is kept alive: what locks, leaderships and registrations hang on. One can carry any number of them, and
/// they are all lost with it. Thread safe. Dispose it to end the lease, and with it all its keys, at once.
/// </summary>
/// <remarks>
/// <para>
/// <b>Lost means lost.</b> <see cref="Lost"/> is cancelled as soon as a server says that the lease has ended, and at
/// the latest when its time is over by the monotonic clock of this process, counted from the sending of the last
/// keep-alive that was answered, less a tenth (one second at most) for clocks that differ. No answer is needed for
/// that. A lost session never comes back.
/// </para>
/// <para>
/// <b>Paused processes.</b> A process that is stopped (SIGSTOP, a long garbage collection, a frozen virtual machine)
/// can't notice. When it goes on, <see cref="IsAlive"/> tells the truth at once, but a write that is on its way is not
/// called back: only a resource that checks fencing tokens refuses it. While a whole machine sleeps, the monotonic
/// clock of Linux stands still, so do not keep locks on laptops.
/// </para>
/// <para>Source: the session of etcd's <c>concurrency</c> package; Gray and Cheriton, "Leases" (1989).</para>
/// </remarks>
public sealed class LeaseSession : IAsyncDisposable
{
    /// <summary>
    /// For how long a call that was given up may still take effect, generously: servers fail theirs after seconds.
    /// </summary>
    private static readonly TimeSpan s_lateEffectMax = TimeSpan.FromSeconds(30);

    private readonly CoordinationClient _client;
    private readonly LeaseClock _clock;
    private readonly long _startedAt;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<(Bytes Key, TimeSpan Until)> _deletions = [];
    private readonly ITimer _deadline;
    private readonly Task _keeping;
    private LeaseLoss? _loss;
    private int _acquisitions;

    private LeaseSession(CoordinationClient client, LeaseGrant grant, long startedAt)
    {
        _client = client;
        _startedAt = startedAt;
        _clock = new LeaseClock(TimeSpan.Zero, grant.Ttl);
        Lease = grant.Id;
        Lost = _lost.Token;
        _deadline = client.TimeProvider.CreateTimer(
            static session => ((LeaseSession)session!).OnDeadline(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        OnDeadline();
        _keeping = KeepAsync();
    }

    /// <summary>The lease.</summary>
    public LeaseId Lease { get; }

    /// <summary>Cancelled when the lease is lost, and when it was ended.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Why it is lost; null while it is not.</summary>
    public LeaseLoss? Loss
    {
        get
        {
            lock (_gate)
            {
                return _loss;
            }
        }
    }

    /// <summary>What the servers give the lease at each keep-alive.</summary>
    public TimeSpan Ttl
    {
        get
        {
            lock (_gate)
            {
                return _clock.Ttl;
            }
        }
    }

    /// <summary>
    /// Whether the lease can be relied on, by the clock: also right in a process that was stopped and has just gone on.
    /// </summary>
    public bool IsAlive
    {
        get
        {
            OnDeadline();
            return Loss is null;
        }
    }

    /// <summary>How long it can be relied on without another keep-alive; 0 once it is lost.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            lock (_gate)
            {
                TimeSpan left = _clock.Deadline - Now;
                return _loss is null && left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    internal CoordinationClient Client => _client;

    private TimeSpan Now => _client.TimeProvider.GetElapsedTime(_startedAt);

    /// <summary>Grants a lease and begins to keep it alive.</summary>
    /// <param name="client">Must outlive the session.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Gives up waiting for the grant.</param>
    /// <exception cref="CoordinationException">No lease was granted, or one that runs out by itself.</exception>
    public static async Task<LeaseSession> StartAsync(
        CoordinationClient client, LeaseSessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        options ??= new LeaseSessionOptions();
        options.Validate();
        long sentAt = client.TimeProvider.GetTimestamp();
        LeaseGrant grant = await client.GrantLeaseAsync(options.Ttl, cancellationToken).ConfigureAwait(false);
        return new LeaseSession(client, grant, sentAt);
    }

    /// <summary>Throws where the lease is lost.</summary>
    /// <exception cref="LeaseLostException">It is.</exception>
    public void ThrowIfLost() => ThrowIfLost($"The session of lease {Lease}");

    /// <summary>Stops keeping the lease alive and ends it at the servers.</summary>
    /// <exception cref="CoordinationException">The servers could not be told: the lease, and what hangs on it, ends
    /// when its time is over, within <see cref="Ttl"/>.</exception>
    public async Task EndAsync(CancellationToken cancellationToken = default)
    {
        LeaseLoss? before = Loss;
        await StopAsync().ConfigureAwait(false);
        if (before is null or LeaseLoss.DeadlinePassed)
        {
            await _client.RevokeLeaseAsync(Lease, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the lease, as <see cref="EndAsync"/> does; where the servers can't be told, it runs out.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await EndAsync().ConfigureAwait(false);
        }
        catch (CoordinationException)
        {
            // Nothing keeps it alive any more, so that its time will end it.
            return;
        }
    }

    /// <summary>Ends the session on this side alone, as a crash would: the lease runs out at the servers.</summary>
    internal async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        MarkLost(LeaseLoss.Released);
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _deadline.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Throws where the lease is lost, naming what was lost with it.</summary>
    internal void ThrowIfLost(string what)
    {
        if (!IsAlive)
        {
            throw new LeaseLostException(Loss ?? LeaseLoss.DeadlinePassed, what);
        }
    }

    /// <summary>
    /// A part for keys that no other acquisition has, of this session or of any other before: to take an old key for
    /// one's own would be to hold a lock whose lease may be about to end.
    /// </summary>
    internal string NextKeyPart()
    {
        int number = Interlocked.Increment(ref _acquisitions);
        return number == 1 ? $"{Lease}" : $"{Lease}.{number}";
    }

    /// <summary>
    /// Deletes a key that was to be deleted and may not have been, as often as it takes: as long as the session lives,
    /// it would block others.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="mayComeYet">
    /// Whether what makes it may still be on its way: then it is deleted again and again until that is past.
    /// </param>
    internal void DeleteLater(Bytes key, bool mayComeYet)
    {
        lock (_gate)
        {
            _deletions.Add((key, mayComeYet ? Now + s_lateEffectMax : TimeSpan.Zero));
        }
    }

    private async Task KeepAsync()
    {
        bool failed = false;
        while (true)
        {
            await Task.Delay(PauseBeforeBeat(failed), _client.TimeProvider, _stopping.Token).ConfigureAwait(false);
            if (!IsAlive)
            {
                return;
            }

            failed = !await BeatAsync().ConfigureAwait(false);
            if (!failed)
            {
                await DeleteLeftoversAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> BeatAsync()
    {
        TimeSpan sentAt = Now;
        TimeSpan time;
        lock (_gate)
        {
            time = _clock.TimeForBeat(sentAt);
        }

        try
        {
            if (time <= TimeSpan.Zero)
            {
                return false;
            }

            TimeSpan ttl = await _client.KeepLeaseAliveAsync(Lease, time, _stopping.Token).ConfigureAwait(false);
            lock (_gate)
            {
                _clock.Confirmed(sentAt, ttl);
            }

            return true;
        }
        catch (CoordinationException e) when (e.Failure == CoordinationFailure.LeaseNotFound)
        {
            MarkLost(LeaseLoss.LeaseEnded);
            return true;
        }
        catch (CoordinationException)
        {
            // The clock decides how many beats may fail.
            return false;
        }
    }

    private async Task DeleteLeftoversAsync()
    {
        (Bytes Key, TimeSpan Until)[] leftovers;
        lock (_gate)
        {
            leftovers = [.. _deletions];
        }

        foreach ((Bytes key, TimeSpan until) in leftovers)
        {
            TimeSpan sentAt = Now;
            try
            {
                await OwnedKey.DeleteAsync(this, key, _clock.BeatInterval, _stopping.Token).ConfigureAwait(false);
            }
            catch (CoordinationException)
            {
                // With the next beat again.
                return;
            }

            lock (_gate)
            {
                if (sentAt >= until)
                {
                    _deletions.Remove((key, until));
                }
            }
        }
    }

    private TimeSpan PauseBeforeBeat(bool failed)
    {
        lock (_gate)
        {
            return _clock.PauseBeforeBeat(failed);
        }
    }

    /// <summary>Looks at the clock, whoever asks; a timer alone would be late in a process that was stopped.</summary>
    private void OnDeadline()
    {
        bool over;
        lock (_gate)
        {
            over = _clock.IsOver(Now);
            if (!over && _loss is null)
            {
                _deadline.Change(_clock.Deadline - Now, Timeout.InfiniteTimeSpan);
            }
        }

        if (over)
        {
            MarkLost(LeaseLoss.DeadlinePassed);
        }
    }

    private void MarkLost(LeaseLoss loss)
    {
        lock (_gate)
        {
            if (_loss is not null)
            {
                return;
            }

            _loss = loss;
        }

        // Not on this thread: what is registered there is the user's, and may take its time or throw.
        _ = _lost.CancelAsync();
    }
}
