namespace Lepton.Simulation.World;

/// <summary>
/// What clients were promised of leases, and who held the lock: judged as things happen. A lease does not run out
/// before the time that the last confirmed keep-alive gave it, counted from when that was sent. One client at a time
/// may believe that it holds the lock, each with a larger token than any before.
/// </summary>
internal sealed class LeaseTruth(EventQueue events)
{
    private readonly Dictionary<long, long> _promisedUs = [];
    private readonly Dictionary<long, long> _ranOutUs = [];
    private readonly Dictionary<int, (long Token, long UntilUs)> _holders = [];
    private long _lastToken;

    /// <summary>A client was told that its lease lives.</summary>
    public void Promised(long lease, long untilUs)
    {
        _promisedUs[lease] = Math.Max(_promisedUs.GetValueOrDefault(lease), untilUs);
        Judge(lease);
    }

    /// <summary>The first node has applied that a lease's time is over.</summary>
    public void RanOut(long lease)
    {
        if (_ranOutUs.TryAdd(lease, events.NowUs))
        {
            Judge(lease);
        }
    }

    /// <summary>A client believes that it holds the lock, until a time.</summary>
    public void Holds(int client, long token, long untilUs)
    {
        foreach ((int other, (long Token, long UntilUs) held) in _holders)
        {
            ClusterTruth.Demand(other == client || held.UntilUs <= events.NowUs, "one holder",
                $"client {client} holds the lock with token {token} at {events.NowUs} us, and so does client {other} " +
                $"with token {held.Token} until {held.UntilUs} us");
        }

        bool goesOn = _holders.TryGetValue(client, out (long Token, long UntilUs) before) && before.Token == token;
        ClusterTruth.Demand(goesOn || token > _lastToken, "fencing tokens",
            $"client {client} got the lock with token {token} after token {_lastToken}");
        _lastToken = Math.Max(_lastToken, token);
        _holders[client] = (token, untilUs);
    }

    /// <summary>A client knows that it does not hold the lock.</summary>
    public void Released(int client) => _holders.Remove(client);

    private void Judge(long lease)
    {
        if (_promisedUs.TryGetValue(lease, out long promised) && _ranOutUs.TryGetValue(lease, out long ranOut))
        {
            ClusterTruth.Demand(promised <= ranOut, "leases",
                $"lease {lease} ran out at {ranOut} us, and its client was told that it lives until {promised} us");
        }
    }
}
