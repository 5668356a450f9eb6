namespace Lepton.Training.Launch;

/// <summary>
/// Decides what happens to this machine's ranks within a round: who is ended, how the round came out, and which failure
/// was the first. Pure: events in, effects out; no clock and no process. Whether another round follows is for the
/// <see cref="IRendezvous"/>.
/// </summary>
internal sealed class LaunchCore
{
    private readonly HashSet<int> _running = [];
    private readonly List<RankEnd> _failures = [];
    private bool _isEnding;
    private bool _isStopped;

    /// <summary>Whether the user wants all to end.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>Whether ranks are being ended.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>Whether no rank runs.</summary>
    public bool IsIdle => _running.Count == 0;

    /// <summary>
    /// The failure of this round, or of the one that is just over, that the others followed from; null where none was.
    /// A rank that only lost its peers is no cause while another failed by itself; of several the earliest is.
    /// </summary>
    public RankEnd? RootCause => _failures
        .OrderBy(static end => end.LostItsPeers)
        .ThenBy(static end => end.FailedAt ?? DateTime.MinValue)
        .FirstOrDefault();

    /// <summary>Starts a round. No rank runs.</summary>
    public LaunchEffect Begin(IEnumerable<int> ranks)
    {
        _failures.Clear();
        _isEnding = false;
        _running.UnionWith(ranks);
        return LaunchEffect.StartRanks;
    }

    /// <summary>A rank has ended.</summary>
    public LaunchEffect Ended(RankEnd end)
    {
        _running.Remove(end.Rank);
        bool isFailure = end.ExitCode != 0 && !_isStopped;
        bool wasEnding = _isEnding;

        // What the launcher found out is told with the stack of what the rank failed of itself.
        int found = _failures.FindIndex(failure => failure.IsFound && failure.Rank == end.Rank);
        if (found >= 0)
        {
            _failures[found] = _failures[found] with { Stack = end.Stack };
        }


        // One that says nothing of a failure and ends while all are being ended was ended by the launcher.
        if (isFailure && (!wasEnding || end.IsTelling))
        {
            _failures.Add(end);
        }

        _isEnding |= isFailure;
        if (_running.Count > 0)
        {
            return isFailure && !wasEnding ? LaunchEffect.EndRanks : LaunchEffect.None;
        }

        return _isStopped ? LaunchEffect.Finish
            : _failures.Count > 0 ? LaunchEffect.RoundFailed
            : wasEnding ? LaunchEffect.RoundLeft
            : LaunchEffect.RoundDone;
    }

    /// <summary>A rank is found out to hang, or to do something else than the others: all are ended for it.</summary>
    public LaunchEffect Condemned(RankEnd cause)
    {
        if (_isEnding)
        {
            return LaunchEffect.None;
        }

        _failures.Add(cause);
        return EndRound();
    }

    /// <summary>The round is over elsewhere: ranks end, and another round may follow.</summary>
    public LaunchEffect EndRound()
    {
        if (_isEnding || IsIdle)
        {
            return LaunchEffect.None;
        }

        _isEnding = true;
        return LaunchEffect.EndRanks;
    }

    /// <summary>The user wants all to end: ranks save, and none is started again.</summary>
    public LaunchEffect Stop()
    {
        _isStopped = true;
        _isEnding = true;
        return IsIdle ? LaunchEffect.Finish : LaunchEffect.EndRanks;
    }
}
