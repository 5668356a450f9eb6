using Lepton.Core;
using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client.Watching;

/// <summary>
/// Where a watch stands: what was told, and from where to go on. It makes one sequence without gap, repetition or step
/// back of what several connections, to several servers, give. Pure; not thread safe.
/// </summary>
/// <remarks>
/// Events below <see cref="Next"/> are dropped: servers were seen to send old ones for a watch on a revision to come
/// (etcd issue 20221) and after they caught up by a snapshot (etcd issue 15271).
/// </remarks>
internal sealed class WatchCursor(Revision start)
{
    private List<WatchEvent> _held = [];

    /// <summary>The first revision that was not told; <see cref="Revision.None"/> until a server has said where a watch
    /// of what is to come begins.</summary>
    public Revision Next { get; private set; } = start;

    /// <summary>A server has put the watch in place; the revision is its store's then.</summary>
    public void Created(Revision revision)
    {
        // What a connection that broke has left unfinished comes again, whole.
        _held = [];
        if (Next == Revision.None)
        {
            Next = revision.Next;
        }
    }

    /// <summary>Takes a response; gives what can be told, or null where that is nothing.</summary>
    public WatchBatch? Take(Pb.WatchResponse response)
    {
        if (response.Events.Count == 0 && !response.Fragment && _held.Count == 0)
        {
            return TakeProgress(response);
        }

        foreach (Pb.Event change in response.Events)
        {
            WatchEvent told = Wire.FromWire(change);
            Revision at = told.Entry.ModRevision;
            if (at < Next || (_held.Count > 0 && at < _held[^1].Entry.ModRevision))
            {
                continue;
            }

            _held.Add(told);
        }

        return Release(response.Fragment);
    }

    /// <summary>
    /// What is whole. A fragment may end within a revision, so its last revision waits for what follows; without
    /// fragments, a response ends with a whole revision.
    /// </summary>
    private WatchBatch? Release(bool moreFollows)
    {
        List<WatchEvent> ready = _held;
        _held = [];
        if (moreFollows && ready.Count > 0)
        {
            Revision open = ready[^1].Entry.ModRevision;
            int whole = ready.FindIndex(told => told.Entry.ModRevision == open);
            _held = ready[whole..];
            ready = ready[..whole];
        }

        if (ready.Count == 0)
        {
            return null;
        }

        Revision last = ready[^1].Entry.ModRevision;
        Invariant.Check(last >= Next, "a watch went back in time");
        Next = last.Next;
        return new WatchBatch(last, ready);
    }

    private WatchBatch? TakeProgress(Pb.WatchResponse response)
    {
        // An answer for all watches of a stream may run ahead of events that are on their way (etcd issue 15220); what
        // comes for this watch alone does not.
        Revision revision = Wire.RevisionOf(response.Header);
        if (response.WatchId < 0 || response.Created || revision < Next || Next == Revision.None)
        {
            return null;
        }

        Next = revision.Next;
        return new WatchBatch(revision, []);
    }
}
