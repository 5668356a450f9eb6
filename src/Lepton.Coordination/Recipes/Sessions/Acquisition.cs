using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes.Sessions;

/// <summary>An attempt to get hold of something: a session, and what must go where the attempt fails.</summary>
internal sealed class Acquisition
{
    private readonly List<QueuePlace> _places = [];

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
    public async Task<QueuePlace> JoinAsync(WaitQueue queue, Bytes value, CancellationToken cancellationToken)
    {
        QueuePlace place = await queue.JoinAsync(Session, value, cancellationToken).ConfigureAwait(false);
        _places.Add(place);
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

            foreach (QueuePlace place in _places.ToArray())
            {
                await OwnedKey.DeleteAsync(Session.Client, place.Key, place.Revision, null, limit.Token)
                    .ConfigureAwait(false);
                _places.Remove(place);
            }
        }
        catch (Exception e) when (e is CoordinationException or OperationCanceledException)
        {
            _places.ForEach(place => Session.DeleteLater(place.Key, place.Revision));
        }
    }
}
