using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes.Sessions;

/// <summary>An attempt to get hold of something: a session, and what must go where the attempt fails.</summary>
internal sealed class Acquisition
{
    private readonly List<Bytes> _made = [];
    private readonly List<Bytes> _unsure = [];

    private Acquisition(LeaseSession session, bool ownsSession) => (Session, OwnsSession) = (session, ownsSession);

    public LeaseSession Session { get; }

    /// <summary>Whether the session was begun for this attempt and ends with what it gets hold of.</summary>
    public bool OwnsSession { get; }

    /// <summary>Begins with the caller's session, or with a new one.</summary>
    public static async Task<Acquisition> BeginAsync(
        CoordinationClient client, LeaseSession? session, LeaseSessionOptions options,
        CancellationToken cancellationToken)
    {
        session?.ThrowIfLost();
        return session is not null
            ? new Acquisition(session, ownsSession: false)
            : new Acquisition(
                await LeaseSession.StartAsync(client, options, cancellationToken).ConfigureAwait(false),
                ownsSession: true);
    }

    /// <summary>Joins a queue.</summary>
    public Task<QueuePlace> JoinAsync(WaitQueue queue, Bytes value, CancellationToken cancellationToken)
    {
        Bytes key = queue.NewKey(Session);
        return MakeAsync(key, () => queue.JoinAsync(Session, key, value, cancellationToken));
    }

    /// <summary>
    /// Makes a key. It is noted before the call: where that is cancelled or has no answer, the key may be there all the
    /// same, and on a session that lives on it would keep everybody else out.
    /// </summary>
    public async Task<QueuePlace> MakeAsync(Bytes key, Func<Task<QueuePlace>> make)
    {
        _unsure.Add(key);
        QueuePlace place = await make().ConfigureAwait(false);
        _unsure.Remove(key);
        _made.Add(key);
        return place;
    }

    /// <summary>
    /// Takes back what was begun, without making the caller wait for servers that may be away: what can't be taken back
    /// now, goes with the lease, or is deleted by the session later.
    /// </summary>
    public async Task AbandonAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(1), Session.Client.TimeProvider);
        try
        {
            if (OwnsSession)
            {
                await Session.EndAsync(limit.Token).ConfigureAwait(false);
                return;
            }

            // Later too: what made them may still be on its way.
            _unsure.ForEach(key => Session.DeleteLater(key, mayComeYet: true));
            foreach (Bytes key in _made.Concat(_unsure).ToArray())
            {
                await OwnedKey.DeleteAsync(Session, key, null, limit.Token).ConfigureAwait(false);
                _made.Remove(key);
            }
        }
        catch (Exception e) when (e is CoordinationException or OperationCanceledException)
        {
            _made.ForEach(key => Session.DeleteLater(key, mayComeYet: false));
        }
    }
}
