using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes.Sessions;

/// <summary>
/// Something held by a key on a lease: knows when it is lost, and gives it back. Thread safe.
/// </summary>
/// <remarks>
/// It is lost with the session, and also when somebody deletes the key while the lease lives. The key is watched only
/// from the first third of the lease's time on, so that who holds a lock for a moment pays nothing for it.
/// </remarks>
internal sealed class Tenure : IAsyncDisposable
{
    private readonly LeaseSession _session;
    private readonly bool _ownsSession;
    private readonly string _what;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenRegistration _sessionLost;
    private readonly Task _guarding;
    private int _loss = -1;

    public Tenure(LeaseSession session, bool ownsSession, QueuePlace place, string what)
    {
        (_session, _ownsSession, Place, _what) = (session, ownsSession, place, what);
        Lost = _lost.Token;
        _sessionLost = session.Lost.UnsafeRegister(
            static tenure => ((Tenure)tenure!).OnSessionLost(), this);
        _guarding = GuardAsync();
    }

    public QueuePlace Place { get; }

    public CancellationToken Lost { get; }

    public LeaseSession Session => _session;

    /// <summary>Why it is lost; null while it is held.</summary>
    public LeaseLoss? Loss
    {
        get
        {
            int loss = Volatile.Read(ref _loss);
            return loss >= 0 ? (LeaseLoss)loss : _session.IsAlive ? null : _session.Loss;
        }
    }

    /// <summary>Throws where it is lost.</summary>
    public void ThrowIfLost()
    {
        if (Loss is { } loss)
        {
            throw new LeaseLostException(loss, _what);
        }
    }

    /// <summary>Gives it back. Safe to call again after a failure, and after it was lost.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        MarkLost(LeaseLoss.Released);
        await _sessionLost.DisposeAsync().ConfigureAwait(false);
        await _guarding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_ownsSession)
        {
            // Where this fails, nothing keeps the lease alive any more, and its end frees the key.
            await _session.EndAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        if (_session.Loss is not null)
        {
            return;
        }

        try
        {
            await OwnedKey.DeleteAsync(_session, Place.Key, null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CoordinationException or OperationCanceledException)
        {
            // The lease lives on, so the key would block others for as long: the session deletes it when it can.
            _session.DeleteLater(Place.Key, mayComeYet: false);
            throw;
        }
    }

    /// <summary>Gives it back; where the servers can't be told, it frees itself.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (CoordinationException)
        {
            // ReleaseAsync has seen to it that it is freed later.
            return;
        }
    }

    private async Task GuardAsync()
    {
        CoordinationClient client = _session.Client;
        await Task.Delay(_session.Ttl / 3, client.TimeProvider, _stopping.Token).ConfigureAwait(false);
        Revision from = Place.Revision.Next;
        while (true)
        {
            await OwnedKey.WaitForDeletionAsync(client, Place.Key, from, _stopping.Token).ConfigureAwait(false);
            RangeResult now;
            try
            {
                now = await client.RangeAsync(Place.Key, null, _stopping.Token).ConfigureAwait(false);
            }
            catch (CoordinationException)
            {
                // The servers are away; the watch waits for them, and the lease's clock runs meanwhile.
                continue;
            }

            if (now.Entries is not [var entry] || entry.CreateRevision != Place.Revision)
            {
                MarkLost(LeaseLoss.KeyDeleted);
                return;
            }

            from = now.Revision.Next;
        }
    }

    private void OnSessionLost() => MarkLost(_session.Loss ?? LeaseLoss.DeadlinePassed);

    private void MarkLost(LeaseLoss loss)
    {
        if (Interlocked.CompareExchange(ref _loss, (int)loss, -1) == -1)
        {
            _ = _lost.CancelAsync();
        }
    }
}
