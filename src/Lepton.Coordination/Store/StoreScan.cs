namespace Lepton.Coordination.Store;

/// <summary>
/// Goes through a whole store while it changes: the lock is held for <see cref="KvStore.SliceKeys"/> at a time, never
/// while the caller looks at what it got. What must not vanish on the way has to be pinned.
/// </summary>
internal static class StoreScan
{
    /// <summary>The newest version of each key, in the order of keys; later versions than the scan's begin may be
    /// among them.</summary>
    public static IEnumerable<KeyVersion> Heads(KvStore store)
    {
        var slice = new KeyVersion[KvStore.SliceKeys];
        KeyVersion? after = null;
        bool done;
        do
        {
            int taken;
            lock (store.Gate)
            {
                taken = store.Tree.Slice(KeyRange.All, after, slice, out done);
            }

            for (var i = 0; i < taken; i++)
            {
                after = slice[i];
                yield return after;
            }
        }
        while (!done);
    }

    /// <summary>What happened from a revision on, in the order of revisions, up to now.</summary>
    public static IEnumerable<KeyVersion> History(KvStore store, long fromRevision)
    {
        var slice = new KeyVersion[KvStore.SliceKeys];
        var place = -1L;
        int taken;
        do
        {
            lock (store.Gate)
            {
                var history = store.History;
                place = place < 0 ? history.PlaceOf(fromRevision) : place;
                for (taken = 0; taken < slice.Length && place < history.End; taken++, place++)
                {
                    slice[taken] = history[place];
                }
            }

            for (var i = 0; i < taken; i++)
            {
                yield return slice[i];
            }
        }
        while (taken > 0);
    }
}
