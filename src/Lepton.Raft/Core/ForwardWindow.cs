namespace Lepton.Raft.Core;

/// <summary>
/// Which forwarded messages of one start of a follower a leader has taken in its term, so that a doubled one is not
/// proposed twice. One that was overtaken by more than the window is left out: its proposals end by the proposer's
/// time.
/// </summary>
internal sealed class ForwardWindow
{
    private const int Width = 64;
    private long _highest;
    private ulong _seen;

    /// <summary>Whether a message is new; it counts as taken then.</summary>
    public bool TryTake(long sequence)
    {
        long ahead = sequence - _highest;
        if (ahead > 0)
        {
            _seen = ahead >= Width ? 1 : (_seen << (int)ahead) | 1;
            _highest = sequence;
            return true;
        }

        if (-ahead >= Width || (_seen & (1UL << (int)-ahead)) != 0)
        {
            return false;
        }

        _seen |= 1UL << (int)-ahead;
        return true;
    }
}
