using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes.Registry;

/// <summary>
/// Follows a range: reads it, and applies what a watch tells from the next revision on. Where history was compacted
/// before it was told, it reads again, so that states may be skipped but none is wrong.
/// </summary>
internal static class RangeFollower
{
    public static async IAsyncEnumerable<RangeState> FollowAsync(
        CoordinationClient client, KeyRange keys, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            RangeResult read = await client.RangeAsync(keys, null, cancellationToken).ConfigureAwait(false);
            RangeState state = new(
                read.Revision, read.Entries.ToImmutableSortedDictionary(entry => entry.Key, entry => entry));
            yield return state;

            IAsyncEnumerator<WatchBatch> watch = client.WatchAsync(
                keys, new WatchOptions { StartRevision = read.Revision.Next }, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            await using (watch.ConfigureAwait(false))
            {
                while (await MoveNextAsync(watch).ConfigureAwait(false))
                {
                    state = Apply(state, watch.Current);
                    yield return state;
                }
            }
        }
    }

    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<WatchBatch> watch)
    {
        try
        {
            return await watch.MoveNextAsync().ConfigureAwait(false);
        }
        catch (CompactedException)
        {
            return false;
        }
    }

    private static RangeState Apply(RangeState state, WatchBatch batch)
    {
        ImmutableSortedDictionary<Bytes, KeyValue>.Builder entries = state.Entries.ToBuilder();
        foreach (WatchEvent told in batch.Events)
        {
            if (told.Kind == WatchEventKind.Put)
            {
                entries[told.Entry.Key] = told.Entry;
            }
            else
            {
                entries.Remove(told.Entry.Key);
            }
        }

        return new RangeState(batch.Revision, entries.ToImmutable());
    }
}
