using System.Buffers;

namespace Lepton.Coordination.Store;

/// <summary>
/// Reads ranges. What fits in one slice is read under one hold of the lock; a longer range, or one of an older
/// revision, pins that revision, takes the latest versions slice by slice under the lock, and follows them down to
/// their revision outside: the links above a pinned revision are not cut.
/// </summary>
internal static class RangeReader
{
    /// <summary>Reads a range.</summary>
    /// <param name="store">Where.</param>
    /// <param name="query">What.</param>
    /// <param name="asWriter">Whether the writer reads, who sees what it has written in the open revision.</param>
    public static RangeResult Read(KvStore store, in RangeQuery query, bool asWriter)
    {
        var selection = new RangeSelection(query);
        Scan scan;
        lock (store.Gate)
        {
            var latest = asWriter ? store.WriterRevision : store.Revision;
            var failure = store.Check(query.Revision, latest);
            if (failure != ReadFailure.None && !(query.IsPinned && failure == ReadFailure.Compacted))
            {
                return RangeResult.Failed(failure, latest);
            }

            var revision = query.Revision > 0 ? query.Revision : latest;
            scan = new Scan(revision, latest);
            if (query.Range.IsSingle)
            {
                TakeOne(store, query, scan);
            }
            else
            {
                var settled = revision == latest && (asWriter || store.IsSettled);
                scan.Count = settled ? store.Tree.CountLive(query.Range) : -1;
                if (settled && query.CountOnly)
                {
                    return selection.ToResult(scan.Count, latest);
                }

                TakeFirst(store, query, scan, settled);
            }
        }

        using (scan.Pin)
        {
            return Finish(store, query, selection, scan);
        }
    }

    private static void TakeOne(KvStore store, in RangeQuery query, Scan scan)
    {
        scan.Done = true;
        if (store.Tree.Find(query.Range.Key.Span) is { } head)
        {
            scan.Single = head;
            scan.Pin = head.ModRevision > scan.Revision ? store.PinLocked(scan.Revision) : null;
        }
    }

    private static void TakeFirst(KvStore store, in RangeQuery query, Scan scan, bool settled)
    {
        var wanted = query.IsPlain && query.LimitMax > 0 ? query.LimitMax : long.MaxValue - 1;
        wanted = 1 + (scan.Count >= 0 ? Math.Min(wanted, scan.Count) : wanted);
        scan.SliceLength = (int)Math.Min(wanted, KvStore.SliceKeys);
        scan.Buffer = ArrayPool<KeyVersion>.Shared.Rent(scan.SliceLength);
        TakeSlice(store, query, scan);

        // Where the slice is all there is of the latest revision, none of its versions has another one above it.
        scan.Pin = scan.Done && settled ? null : store.PinLocked(scan.Revision);
    }

    private static void TakeSlice(KvStore store, in RangeQuery query, Scan scan)
    {
        scan.Taken = store.Tree.Slice(
            query.Range, scan.After, scan.Buffer.AsSpan(0, scan.SliceLength), out var done);
        scan.Done = done;
    }

    private static RangeResult Finish(KvStore store, in RangeQuery query, RangeSelection selection, Scan scan)
    {
        if (scan.Single?.At(scan.Revision) is { } single)
        {
            selection.Meet(single);
        }

        while (true)
        {
            foreach (var head in scan.Buffer.AsSpan(0, scan.Taken))
            {
                scan.After = head;
                if (head.At(scan.Revision) is { } version)
                {
                    selection.Meet(version);
                }
            }

            if (scan.Done || (selection.IsFull && scan.Count >= 0))
            {
                break;
            }

            lock (store.Gate)
            {
                TakeSlice(store, query, scan);
            }
        }

        if (scan.Buffer.Length > 0)
        {
            ArrayPool<KeyVersion>.Shared.Return(scan.Buffer, clearArray: true);
        }

        return selection.ToResult(scan.Count >= 0 ? scan.Count : selection.Met, scan.Latest);
    }

    /// <summary>How far a read has come.</summary>
    private sealed class Scan(long revision, long latest)
    {
        public long Revision => revision;

        public long Latest => latest;

        /// <summary>Keys of the range; -1 where they must be met to be counted.</summary>
        public long Count { get; set; } = -1;

        public RevisionPin? Pin { get; set; }

        public KeyVersion? Single { get; set; }

        public KeyVersion[] Buffer { get; set; } = [];

        public int SliceLength { get; set; }

        public int Taken { get; set; }

        public KeyVersion? After { get; set; }

        public bool Done { get; set; }
    }
}
