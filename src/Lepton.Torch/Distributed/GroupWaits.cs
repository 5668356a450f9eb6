namespace Lepton.Torch.Distributed;

/// <summary>
/// Which wait of a group a rank is in. Thread safe; of several waits at once, by several threads, the last to begin is
/// told until all have ended.
/// </summary>
internal sealed class GroupWaits
{
    private int _awaited = GroupProgress.Nobody;
    private long _begun;
    private long _ended;

    public void Begin(int awaited)
    {
        Volatile.Write(ref _awaited, awaited);
        Interlocked.Increment(ref _begun);
    }

    public void End() => Interlocked.Increment(ref _ended);

    /// <summary>What there is to see.</summary>
    /// <param name="collectives">How many collectives the rank has begun.</param>
    public GroupProgress Progress(long collectives)
    {
        long ended = Interlocked.Read(ref _ended);
        long begun = Interlocked.Read(ref _begun);
        return new GroupProgress(
            collectives, begun, begun > ended ? Volatile.Read(ref _awaited) : GroupProgress.Nobody);
    }
}
