using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Failures;

namespace Lepton.Coordination.Recipes.Sessions;

/// <summary>Operations on keys that one acquisition made and nobody else writes.</summary>
internal static class OwnedKey
{
    /// <summary>
    /// Puts a key that hangs on the session's lease. Its name is the acquisition's alone, so the call can be repeated
    /// where an answer is lost: a key that is there already is the one that the lost call made.
    /// </summary>
    /// <returns>When the key came to be.</returns>
    /// <exception cref="LeaseLostException">The lease has ended.</exception>
    public static async Task<Revision> CreateAsync(
        LeaseSession session, Bytes key, Bytes value, string what, CancellationToken cancellationToken)
    {
        Txn txn = Txn.If(Condition.Absent(key))
            .Then(Operation.Put(key, value, new PutOptions { Lease = session.Lease }))
            .Else(Operation.Get(key));
        TxnResult result;
        try
        {
            result = await session.Client.RunTxnAsync(
                txn, CallKind.RepeatableWrite, $"the entry of {what}", null, cancellationToken).ConfigureAwait(false);
        }
        catch (CoordinationException e) when (e.Failure == CoordinationFailure.LeaseNotFound)
        {
            throw new LeaseLostException(LeaseLoss.LeaseEnded, $"The place of {what}", e);
        }

        return result.Succeeded ? result.Revision : result.Outcomes[0].Range.Entries[0].CreateRevision;
    }

    /// <summary>Deletes a key, unless somebody has deleted it and made it anew. Can be repeated.</summary>
    public static Task DeleteAsync(
        LeaseSession session, Bytes key, TimeSpan? timeout, CancellationToken cancellationToken) =>
        session.Client.RunTxnAsync(
            Txn.If(Condition.Lease(key, Comparison.Equal, session.Lease)).Then(Operation.Delete(key)),
            CallKind.RepeatableWrite, $"the deletion of '{key}'", timeout, cancellationToken);

    /// <summary>Waits until a key is deleted. May return early: look again.</summary>
    /// <param name="client">The client.</param>
    /// <param name="keys">The key, or a range of which any key counts.</param>
    /// <param name="from">The first revision at which a deletion counts.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task WaitForDeletionAsync(
        CoordinationClient client, KeyRange keys, Revision from, CancellationToken cancellationToken)
    {
        WatchOptions options = new() { StartRevision = from, WithoutPuts = true };
        try
        {
            await foreach (WatchBatch batch in client.WatchAsync(keys, options, cancellationToken)
                .ConfigureAwait(false))
            {
                if (batch.Events.Any(told => told.Kind == WatchEventKind.Delete))
                {
                    return;
                }
            }
        }
        catch (CompactedException)
        {
            // What happened meanwhile can't be told any more; what is so now can be read.
            return;
        }
    }
}
