namespace Lepton.Coordination.Store;

/// <summary>Reads what happened to the keys of a range, in slices, on any thread.</summary>
internal static class HistoryReader
{
    /// <summary>Versions that are looked at in one call, at least; more only to come to the end of a
    /// revision.</summary>
    public const int LookedAtMax = 4 * KvStore.SliceKeys;

    /// <summary>
    /// Adds what happened from one revision on, in order and always whole revisions.
    /// </summary>
    /// <param name="store">Where.</param>
    /// <param name="range">Which keys.</param>
    /// <param name="from">The first revision to tell of.</param>
    /// <param name="to">The last one.</param>
    /// <param name="changes">Takes what happened.</param>
    /// <param name="next">The first revision that is not told of yet; above <paramref name="to"/> when all are.</param>
    /// <returns><see cref="ReadFailure.Compacted"/> where what is asked for is partly gone; then nothing was
    /// added.</returns>
    public static ReadFailure Read(
        KvStore store, in KeyRange range, long from, long to, List<KeyChange> changes, out long next)
    {
        if (range.IsSingle && ReadChain(store, range, from, to, changes))
        {
            next = to + 1;
            return ReadFailure.None;
        }

        return ReadInOrder(store, range, from, to, changes, out next);
    }

    private static ReadFailure ReadInOrder(
        KvStore store, in KeyRange range, long from, long to, List<KeyChange> changes, out long next)
    {
        next = from;
        var place = -1L;
        var told = changes.Count;
        for (var looked = 0; ; looked += KvStore.SliceKeys)
        {
            lock (store.Gate)
            {
                if (from < store.CompactedRevision)
                {
                    changes.RemoveRange(told, changes.Count - told);
                    next = from;
                    return ReadFailure.Compacted;
                }

                var history = store.History;
                place = place < 0 ? history.PlaceOf(from) : place;
                var end = Math.Min(history.End, place + KvStore.SliceKeys);
                for (; place < end && history[place].ModRevision <= to; place++)
                {
                    if (range.Contains(history[place].Key))
                    {
                        changes.Add(KeyChange.Of(history[place], store.CompactedRevision));
                    }
                }

                if (place == history.End || history[place].ModRevision > to)
                {
                    next = Math.Max(to + 1, from);
                    return ReadFailure.None;
                }

                next = history[place].ModRevision;
                var between = history[place - 1].ModRevision != next;
                if (between && (looked + KvStore.SliceKeys >= LookedAtMax || changes.Count - told >= KvStore.SliceKeys))
                {
                    return ReadFailure.None;
                }
            }
        }
    }

    /// <summary>Where one key is asked for, its own versions are enough, if they are not too many.</summary>
    private static bool ReadChain(KvStore store, in KeyRange range, long from, long to, List<KeyChange> changes)
    {
        KeyVersion? version;
        RevisionPin? pin;
        lock (store.Gate)
        {
            // At the compacted revision itself the tree no longer holds the deletes.
            if (from <= store.CompactedRevision || from <= 1 || to > store.Revision)
            {
                return false;
            }

            version = store.Tree.Find(range.Key.Span);
            pin = store.PinLocked(from - 1);
        }

        using (pin)
        {
            var told = changes.Count;
            for (; version is not null && version.ModRevision >= from; version = version.Previous)
            {
                if (version.ModRevision <= to)
                {
                    changes.Add(KeyChange.Of(version, from - 1));
                }

                if (changes.Count - told > KvStore.SliceKeys)
                {
                    changes.RemoveRange(told, changes.Count - told);
                    return false;
                }
            }

            changes.Reverse(told, changes.Count - told);
            return true;
        }
    }
}
