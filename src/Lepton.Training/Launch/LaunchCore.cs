namespace Lepton.Training.Launch;

/// <summary>
/// Decides what happens to a machine's ranks: who is ended, whether all are started again, and which failure was the
/// first. Pure: events in, effects out; no clock and no process.
/// </summary>
internal sealed class LaunchCore(int ranks, int restartsMax)
{
    private readonly HashSet<int> _running = [];
    private readonly List<RankEnd> _failures = [];
    private bool _isEnding;
    private bool _isStopped;

    /// <summary>How often all ranks were started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>Whether the user wants all to end.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>
    /// The failure of this round, or of the one that is just over, that the others followed from; null where none was.
    /// A rank that only lost its peers is no cause while another failed by itself; of several the earliest is.
    /// </summary>
    public RankEnd? RootCause => _failures
        .OrderBy(static end => end.LostItsPeers)
        .ThenBy(static end => end.FailedAt ?? DateTime.MinValue)
        .FirstOrDefault();

    /// <summary>Starts the first round.</summary>
    public LaunchEffect Begin() => StartRound();

    /// <summary>A rank has ended.</summary>
    public LaunchEffect Ended(RankEnd end)
    {
        _running.Remove(end.Rank);
        bool isFailure = end.ExitCode != 0 && !_isStopped;

        // One that said nothing of a failure and ends while all are being ended was ended by the launcher.
        if (isFailure && (!_isEnding || end.Message is not null))
        {
            _failures.Add(end);
        }

        if (_running.Count == 0)
        {
            return _failures.Count == 0 || _isStopped || Restarts >= restartsMax
                ? LaunchEffect.Finish
                : LaunchEffect.Restart;
        }

        if (isFailure && !_isEnding)
        {
            _isEnding = true;
            return LaunchEffect.EndRanks;
        }

        return LaunchEffect.None;
    }

    /// <summary>A rank is found out to hang, or to do something else than the others: all are ended for it.</summary>
    public LaunchEffect Condemned(RankEnd cause)
    {
        if (_isEnding)
        {
            return LaunchEffect.None;
        }

        _failures.Add(cause);
        _isEnding = true;
        return LaunchEffect.EndRanks;
    }

    /// <summary>The user wants all to end: ranks save, and none is started again.</summary>
    public LaunchEffect Stop()
    {
        _isStopped = true;
        _isEnding = true;
        return _running.Count == 0 ? LaunchEffect.Finish : LaunchEffect.EndRanks;
    }

    /// <summary>Starts all ranks again.</summary>
    public LaunchEffect Restart()
    {
        Restarts++;
        return StartRound();
    }

    private LaunchEffect StartRound()
    {
        _failures.Clear();
        _isEnding = false;
        _running.UnionWith(Enumerable.Range(0, ranks));
        return LaunchEffect.StartRanks;
    }
}
