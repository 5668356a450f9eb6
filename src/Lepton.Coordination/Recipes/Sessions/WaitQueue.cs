using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes.Sessions;

/// <summary>
/// A queue in the store: everybody who waits has a key, and the revisions at which the keys came to be are the order.
/// Each waits for the key before its own alone, so that one leaving wakes one, not all.
/// </summary>
/// <remarks>The layout is that of etcd's <c>concurrency</c> package, so that its locks and elections and these keep
/// each other out.</remarks>
internal sealed class WaitQueue(CoordinationClient client, Bytes name, string what)
{
    /// <summary>The keys of all who wait, and of the one whose turn it is.</summary>
    public KeyRange Places { get; } = KeyRange.Prefix(name.Append("/"));

    /// <summary>A key for a place that nobody has or had.</summary>
    public Bytes NewKey(LeaseSession session) => name.Append("/").Append(session.NextKeyPart());

    /// <summary>Goes to the end of the queue.</summary>
    public async Task<QueuePlace> JoinAsync(
        LeaseSession session, Bytes key, Bytes value, CancellationToken cancellationToken)
    {
        Revision revision = await OwnedKey.CreateAsync(session, key, value, what, cancellationToken)
            .ConfigureAwait(false);
        return new QueuePlace(key, revision);
    }

    /// <summary>Waits until nobody is before <paramref name="place"/>.</summary>
    /// <exception cref="LeaseLostException">The lease ended first, or the place was taken away.</exception>
    public async Task WaitForTurnAsync(QueuePlace place, LeaseSession session, CancellationToken cancellationToken)
    {
        while (await FindPredecessorAsync(place, session, cancellationToken).ConfigureAwait(false) is { } before)
        {
            await WaitAsync(session, before.Key, before.SeenAt.Next, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Who is before a place; null where its turn has come. It is asked together with whether the place itself is still
    /// there: a queue that is empty before a place whose lease has ended is nobody's turn (etcd issue 11456).
    /// </summary>
    public async Task<(Bytes Key, Revision SeenAt)?> FindPredecessorAsync(
        QueuePlace place, LeaseSession session, CancellationToken cancellationToken)
    {
        RangeOptions nearest = new()
        {
            CreateRevisionMax = new Revision(place.Revision.Value - 1),
            OrderBy = RangeOrder.CreateRevision,
            Descending = true,
            Limit = 1,
            KeysOnly = true,
        };
        TxnResult result = await client.CommitAsync(
            Txn.If(Condition.CreateRevision(place.Key, Comparison.Equal, place.Revision))
                .Then(Operation.Get(Places, nearest)),
            cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            session.ThrowIfLost($"The place of {what}");
            throw new LeaseLostException(LeaseLoss.KeyDeleted, $"The place of {what}");
        }

        if (result.Outcomes[0].Range.Entries is [var before, ..])
        {
            return (before.Key, result.Revision);
        }

        // The place is there as the servers see it. It must also be so by this side's clock, which gives up first.
        session.ThrowIfLost($"The place of {what}");
        return null;
    }

    /// <summary>Waits for a deletion, but not longer than the session lives.</summary>
    public async Task WaitAsync(
        LeaseSession session, KeyRange keys, Revision from, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either =
            CancellationTokenSource.CreateLinkedTokenSource(session.Lost, cancellationToken);
        try
        {
            await OwnedKey.WaitForDeletionAsync(client, keys, from, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            session.ThrowIfLost($"The place of {what}");
            throw;
        }
    }
}
