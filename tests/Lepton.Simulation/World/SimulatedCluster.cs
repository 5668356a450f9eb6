using Lepton.Core.Randomness;
using Lepton.Raft;
using Lepton.Raft.Core;
using Lepton.Raft.Membership;
using Lepton.Simulation.Checking;

namespace Lepton.Simulation.World;

/// <summary>
/// A whole cluster in one thread: real nodes on simulated disks, network and clocks, clients and faults, all from one
/// seed. First faults strike, and nothing unsafe may happen; then they end, and all must be served again within a
/// bounded number of ticks.
/// </summary>
internal sealed class SimulatedCluster
{
    /// <summary>What clients read, write and watch.</summary>
    public static readonly string[] Keys = ["a", "b", "c"];

    private const long LivenessUs = 60_000_000;
    private const int LockersMax = 3;
    private readonly SeededRandom _random;
    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<SimulatedClient> _clients = [];
    private readonly List<SimulatedWatch> _watches = [];
    private readonly List<SimulatedLocker> _lockers = [];
    private readonly ClusterMembership _first;

    public SimulatedCluster(ulong seed)
    {
        _random = new SeededRandom(seed);
        Scenario = Scenario.Draw(_random);
        Network = new SimulatedNetwork(Events, _random.Fork(2), Faults, (to, message) => NodeOf(to)?.Do(
            raft => raft.Receive(message)));
        Member[] members = [.. Enumerable.Range(1, Scenario.Voters)
            .Select(i => new Member(new NodeId((ulong)i), $"n{i}", []))];
        _first = new ClusterMembership(members, [.. members.Select(member => member.Id)], [], []);
        for (ulong i = 1; i <= (ulong)(Scenario.Voters + Scenario.Spares); i++)
        {
            _nodes.Add(new SimulatedNode(this, new NodeId(i), _random.Fork(100 + i)));
        }

        for (int i = 0; i < Scenario.Clients; i++)
        {
            _clients.Add(new SimulatedClient(this, i, _random.Fork(200 + (ulong)i)));
        }

        for (int i = 0; i < Scenario.Watches; i++)
        {
            _watches.Add(new SimulatedWatch(this, i, _random.Fork(300 + (ulong)i)));
        }

        Leases = new LeaseTruth(Events);
        int lockers = _random.Fork(400).NextInt32(LockersMax + 1);
        for (int i = 0; i < lockers; i++)
        {
            _lockers.Add(new SimulatedLocker(this, i, _random.Fork(401 + (ulong)i)));
        }
    }

    /// <summary>What the seed is a run of.</summary>
    public Scenario Scenario { get; }

    /// <summary>How often each fault struck.</summary>
    public FaultCounts Faults { get; } = new();

    public EventQueue Events { get; } = new();

    public SimulatedNetwork Network { get; }

    public ClusterTruth Truth { get; } = new();

    public LeaseTruth Leases { get; }

    /// <summary>Members and those that may become some.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>Who belonged to the cluster at first.</summary>
    public ClusterMembership FirstMembership => _first;

    /// <summary>How many nodes voted at first.</summary>
    public int FirstVoters => _first.Voters.Count;

    /// <summary>Whether clients are to go on.</summary>
    public bool ClientsRun { get; private set; } = true;

    /// <summary>Operations that got an answer.</summary>
    public int Answered => _clients.Sum(client => client.Answered);

    /// <summary>Runs both phases.</summary>
    /// <exception cref="SafetyViolationException">Something happened that must not.</exception>
    public void Run()
    {
        // What waits for a node goes on on the one thread, in its turn.
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            RunBoth();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private void RunBoth()
    {
        _nodes.ForEach(node => node.Start(IsFirst(node) ? _first : null));
        _clients.ForEach(client => client.GoOn());
        _watches.ForEach(watch => watch.Connect());
        _lockers.ForEach(locker => locker.Begin());
        FaultPlan faults = new(this, _random.Fork(3));
        faults.Begin();
        RunUntil(Scenario.FaultsUs);
        faults.End();
        DemandLiveness();
        ClientsRun = false;
        RunUntil(Events.NowUs + 5_000_000);
        _watches.ForEach(watch => watch.Settle());
        foreach (NodeId voter in Voters())
        {
            _clients[^1].ReadAll(NodeOf(voter)!);
        }

        RunUntil(Events.NowUs + 5_000_000);
        DemandAgreement();
        DemandLinearizability();
        DemandWatches();
        DemandLeasesOver();
    }

    /// <summary>A node that votes, by what the leader knows.</summary>
    public SimulatedNode AnyVoter(SeededRandom random)
    {
        IReadOnlyList<NodeId> voters = Voters();
        return NodeOf(voters[random.NextInt32(voters.Count)])!;
    }

    public SimulatedNode? AnyRunning(SeededRandom random)
    {
        SimulatedNode[] running = [.. _nodes.Where(node => node.IsRunning)];
        return running.Length == 0 ? null : running[random.NextInt32(running.Length)];
    }

    /// <summary>The node that leads in the newest term, as far as any knows; null where none does.</summary>
    public SimulatedNode? Leader() => _nodes
        .Where(node => node.IsRunning && node.Raft.Core.Role == RaftRole.Leader).MaxBy(node => node.Raft.Core.Term);

    public bool IsFirst(SimulatedNode node) => _first.Voters.Contains(node.Id);

    /// <summary>A node has done something: judges it.</summary>
    public void Look(SimulatedNode node)
    {
        RaftCore core = node.Raft.Core;
        bool leads = core.Role == RaftRole.Leader;
        if (leads && Truth.Leads(node.Id, core.Term))
        {
            DemandComplete(node);
        }

        (LogIndex from, LogIndex to) = node.TakeCommitted();
        if (from > to)
        {
            return;
        }

        Truth.Commits(node.Id, from, to, core.Node.Log.TermOf);
        if (leads && core.Node.Log.TermOf(to) is { } term)
        {
            Truth.CommitsInTerm(core.Term, to, term);
            foreach (SimulatedNode other in _nodes)
            {
                if (other.IsRunning && other.Raft.Core.Role == RaftRole.Leader && other.Raft.Core.Term > core.Term)
                {
                    DemandComplete(other);
                }
            }
        }
    }

    private void DemandComplete(SimulatedNode leader)
    {
        RaftCore core = leader.Raft.Core;
        Truth.DemandComplete(leader.Id, core.Term, core.Node.Log.Snapshot.Index, core.Node.Log.TermOf);
    }

    public SimulatedNode? NodeOf(NodeId id) => _nodes.Find(node => node.Id == id);

    private void RunUntil(long timeUs)
    {
        while (Events.RunNext(timeUs))
        {
        }
    }

    private void DemandLiveness()
    {
        long end = Events.NowUs + LivenessUs;
        SimulatedClient prober = new(this, 99, _random.Fork(4));
        _clients.Add(prober);
        HashSet<NodeId> served = [];
        foreach (SimulatedNode node in _nodes)
        {
            Probe(prober, node, served, end);
        }

        while (Events.NowUs < end && !AllServed(served))
        {
            if (!Events.RunNext(end))
            {
                break;
            }
        }

        if (!AllServed(served))
        {
            throw new SafetyViolationException(
                $"liveness: {LivenessUs / 1_000_000} s after the last fault these members still got nothing written: " +
                string.Join(", ", Voters().Where(id => !served.Contains(id))) + ". " + Describe());
        }
    }

    private void Probe(SimulatedClient prober, SimulatedNode node, HashSet<NodeId> served, long end) =>
        Events.After(200_000, () =>
        {
            if (Events.NowUs < end && !served.Contains(node.Id))
            {
                if (!node.IsRunning)
                {
                    Probe(prober, node, served, end);
                    return;
                }

                prober.Put(node, isDone =>
                {
                    if (isDone)
                    {
                        served.Add(node.Id);
                    }
                    else
                    {
                        Probe(prober, node, served, end);
                    }
                });
            }
        });

    private bool AllServed(HashSet<NodeId> served) => Voters().All(served.Contains);

    private IReadOnlyList<NodeId> Voters() => Leader()?.Raft.Core.Membership.Voters ?? _first.Voters;

    private void DemandAgreement()
    {
        List<(NodeId Node, LogIndex Applied, uint Hash)> states = [];
        foreach (SimulatedNode node in _nodes.Where(node => node.IsRunning && Voters().Contains(node.Id)))
        {
            states.Add((node.Id, node.Raft.Applied, node.HashOfState()));
        }

        foreach ((NodeId node, LogIndex applied, uint hash) in states)
        {
            (NodeId other, _, uint otherHash) = states.Find(state => state.Applied == applied);
            ClusterTruth.Demand(hash == otherHash, "agreement",
                $"{node} and {other} have applied up to {applied} and hold different states");
        }
    }

    private void DemandLinearizability()
    {
        // Values are written once each. One that was never answered and that no node has applied took no effect, and
        // whoever has read it all the same finds no explanation.
        foreach (var key in _clients.SelectMany(client => client.History)
            .Where(entry => entry.Operation.Output is not null
                || SimulatedClient.Written(entry.Operation.Input) is not { } value
                || Truth.WasWritten(entry.Key, value))
            .GroupBy(entry => entry.Key))
        {
            LinearizabilityReport report = LinearizabilityChecker.Check(
                new RegisterModel(), UnseenValues.Merge([.. key.Select(entry => entry.Operation)]));
            ClusterTruth.Demand(report.Verdict == Verdict.Linearizable, "linearizability",
                $"key {key.Key}: {report.Verdict}. {report.Explanation}");
        }
    }

    private void DemandWatches()
    {
        List<(long At, long Revision)> told = [];
        foreach (SimulatedWatch watch in _watches)
        {
            watch.DemandTold();
            told.AddRange(watch.Told);
        }

        IReadOnlyList<string> ahead = WatchChecker.CheckReads(
            told, [.. _clients.SelectMany(client => client.Reads)]);
        ClusterTruth.Demand(ahead.Count == 0, "watches", string.Join(" ", ahead.Take(3)));
    }

    /// <summary>Nobody has kept a lease alive for much longer than any of them lives.</summary>
    private void DemandLeasesOver()
    {
        if (Leader() is { } leader)
        {
            ClusterTruth.Demand(leader.State.Leases.TtlSeconds.IsEmpty, "leases",
                $"these did not end: {string.Join(", ", leader.State.Leases.TtlSeconds.Keys)}");
            ClusterTruth.Demand(SimulatedLocker.PlacesIn(leader.State.Store).Count == 0, "leases",
                "keys have outlived the leases that they lived by");
        }
    }

    private string Describe() => string.Join("; ", _nodes.Select(node => node.IsRunning
        ? $"{node.Id}: {node.Raft.Core.Role} in term {node.Raft.Core.Term}, leader {node.Raft.Core.Leader}, commit " +
            $"{node.Raft.Core.Commit}, last {node.Raft.Core.LastIndex}, damaged {node.Raft.Core.IsDamaged}, full " +
            $"{node.Raft.Core.IsDiskFull}"
        : $"{node.Id}: down{(node.StopReason is null ? "" : $" ({node.StopReason})")}"));
}
