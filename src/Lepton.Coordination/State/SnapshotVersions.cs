using Lepton.Coordination.Store;

namespace Lepton.Coordination.State;

/// <summary>
/// The versions of keys that a snapshot holds, read in slices while the store changes. What is pinned stays, and what
/// comes later is left out.
/// </summary>
internal static class SnapshotVersions
{
    /// <summary>What was there at the compacted revision and was not written by it, in the order of keys.</summary>
    public static IEnumerable<KeyVersion> Base(KvStore store, long compacted)
    {
        if (compacted < 0)
        {
            yield break;
        }

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
                if (after.At(compacted) is { } version && version.ModRevision < compacted)
                {
                    yield return version;
                }
            }
        }
        while (!done);
    }

    /// <summary>What happened from the compacted revision on, up to a revision, in the order of revisions.</summary>
    public static IEnumerable<KeyVersion> History(KvStore store, long compacted, long revision)
    {
        var slice = new KeyVersion[KvStore.SliceKeys];
        var place = -1L;
        int taken;
        do
        {
            lock (store.Gate)
            {
                var history = store.History;
                place = place < 0 ? history.PlaceOf(compacted) : place;
                for (taken = 0; taken < slice.Length && place < history.End; taken++, place++)
                {
                    slice[taken] = history[place];
                }
            }

            for (var i = 0; i < taken; i++)
            {
                if (slice[i].ModRevision > revision)
                {
                    yield break;
                }

                yield return slice[i];
            }
        }
        while (taken > 0);
    }
}
