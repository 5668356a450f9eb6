using Lepton.Coordination.Client;
using Lepton.Core.Randomness;
using Lepton.Simulation.World;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;

namespace Lepton.Simulation.Objects;

/// <summary>
/// A whole object store in one thread: the real code of its nodes on simulated disks, clocks, network and coordination
/// store, with clients and faults, all from one seed. First faults strike, and nothing may be lost or read wrong; then
/// they end, and within a bounded time every block has all its copies, and nothing else is left.
/// </summary>
internal sealed class ObjectCluster
{
    private const long SetUpUs = 120_000_000;
    private const long LivenessUs = 2_400_000_000;
    private const long LookUs = 20_000_000;
    private readonly SeededRandom _random;
    private readonly List<ObjectNode> _nodes = [];
    private readonly int _thread;
    private Exception? _fault;

    public ObjectCluster(ulong seed)
    {
        _thread = Environment.CurrentManagedThreadId;
        _random = new SeededRandom(seed);
        Scenario = ObjectScenario.Draw(_random);
        Network = new ObjectNetwork(Events, _random.Fork(1), Faults);
        Metadata = new MetadataServer(Events);
        Metadata.NodesChanged += Publish;
        Metadata.LeaseRanOut += () => Faults.Hit(ObjectFault.LeaseRanOut);
        Keys = [.. Enumerable.Range(0, Scenario.Keys).Select(static i => $"k{i}")];
        History = new ObjectHistory(Metadata);
        string objects = MetadataKeys.ObjectsOf(ObjectContent.Bucket);
        History.Follow(key => key[objects.Length..], Content.NameOf);
        Truth = new ObjectTruth(this);
    }

    /// <summary>What the seed is a run of.</summary>
    public ObjectScenario Scenario { get; }

    public EventQueue Events { get; } = new();

    public ObjectNetwork Network { get; }

    public MetadataServer Metadata { get; }

    public ObjectContent Content { get; } = new();

    public ObjectHistory History { get; }

    public ObjectTruth Truth { get; }

    /// <summary>How often each fault struck.</summary>
    public FaultTally<ObjectFault> Faults { get; } = new();

    /// <summary>How often those of disks did.</summary>
    public FaultCounts DiskFaults { get; } = new();

    /// <summary>What the disks of caches were struck with.</summary>
    public FaultCounts CacheFaults { get; } = new();

    /// <summary>What clients read and write.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>All machines that there are or were.</summary>
    public IReadOnlyList<ObjectNode> Nodes => _nodes;

    /// <summary>Whether clients are to go on.</summary>
    public bool ClientsRun { get; private set; } = true;

    /// <summary>What happened, where that is wanted.</summary>
    public List<string>? Story { get; set; }

    /// <summary>How many blocks nodes had from what they keep of others'.</summary>
    public long CacheHits { get; set; }

    /// <summary>How long it took from the last fault until all was as it should be.</summary>
    public long SettledAfterUs { get; private set; }

    /// <summary>Runs all of it.</summary>
    /// <exception cref="SafetyViolationException">Something happened that must not.</exception>
    public void Run()
    {
        // What waits goes on in the one thread, when what it waits for is there.
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Note($"{Scenario}");
            SetUp();
            Look();
            for (int i = 0; i < Scenario.Clients; i++)
            {
                new ObjectClient(this, i, _random.Fork(200 + (ulong)i)).GoOn();
            }

            ObjectFaultPlan faults = new(this, _random.Fork(2));
            faults.Begin();
            RunUntil(Events.NowUs + Scenario.FaultsUs);
            faults.End();
            Settle();
            History.Demand();
            CacheHits += _nodes.Sum(static node => node.Process?.Cache.Report.Hits ?? 0);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Adds a machine, and starts it.</summary>
    public ObjectNode AddNode(bool isDamageable)
    {
        ObjectNode node = new(this, _nodes.Count + 1, isDamageable, _random.Fork(100 + (ulong)_nodes.Count));
        _nodes.Add(node);
        node.Start();
        return node;
    }

    public ObjectNode NodeOf(NodeId id) => _nodes.Single(node => node.Id == id);

    /// <summary>A node that takes requests; null where none does.</summary>
    public ObjectNode? AnyServing(SeededRandom random)
    {
        ObjectNode[] serving = [.. _nodes.Where(static node => node.IsServing)];
        return serving.Length == 0 ? null : serving[random.NextInt32(serving.Length)];
    }

    /// <summary>Says what happened.</summary>
    public void Note(string what) => Story?.Add($"{Events.NowUs / 1e6,10:F3} {what}");

    /// <summary>Sees that nothing goes on in a thread of its own: then nothing would follow from the seed alone.
    /// </summary>
    public void DemandOneThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _fault ??= new InvalidOperationException($"Something goes on in another thread:\n{Environment.StackTrace}");
            throw _fault;
        }
    }

    /// <summary>Has whatever fails in some work, which nobody else waits for, fail the run.</summary>
    /// <param name="work">The work.</param>
    /// <param name="life">The process that does it; once that is over, it may fail in any way.</param>
    public void Observe(Task work, NodeLife life) => _ = ObserveAsync(work, life);

    private async Task ObserveAsync(Task work, NodeLife life)
    {
        try
        {
            await work;
        }
        catch (Exception e)
        {
            if (!life.IsOver)
            {
                _fault ??= e;
            }
        }
    }

    private void RunUntil(long timeUs)
    {
        while (Events.RunNext(timeUs))
        {
            DemandNoFault();
        }
    }

    private void DemandNoFault()
    {
        if (_fault is SafetyViolationException violation)
        {
            throw violation;
        }

        if (_fault is not null)
        {
            throw new SafetyViolationException($"what must not fail did: {_fault}");
        }
    }

    private void Publish(ClusterView view)
    {
        foreach (ObjectNode node in _nodes)
        {
            if (node is { Life: { } life, Process: { } process })
            {
                Network.Send(
                    ObjectNetwork.Metadata, node.Number, () => life.Do(() => process.Membership.Hear(view)));
            }
        }
    }

    /// <summary>Until all nodes know of each other, and there is a bucket.</summary>
    private void SetUp()
    {
        Metadata.Commit(new MetadataTxn().Put(MetadataKeys.Store, RecordJson.Write(
            new StoreRecord("simulated", Scenario.Copies, ""), RecordJson.Default.StoreRecord)));
        for (int i = 0; i < Scenario.Nodes; i++)
        {
            AddNode(isDamageable: i < Scenario.Damageable);
        }

        while (Events.NowUs < SetUpUs && !_nodes.TrueForAll(node => node.IsServing
            && node.Process!.Membership.View.Live.Count == _nodes.Count))
        {
            RunUntil(Events.NowUs + 100_000);
        }

        ObjectNode first = _nodes[0];
        Task made = first.Process!.Buckets.CreateAsync(ObjectContent.Bucket, CancellationToken.None);
        RunUntil(Events.NowUs + 100_000);
        ClusterTruth.Demand(made.IsCompletedSuccessfully, "set up", $"no bucket was made: {made.Exception}");
    }

    /// <summary>Looks again and again whether anything is lost.</summary>
    private void Look() => Events.After(LookUs, () =>
    {
        Truth.DemandNothingLost();
        Look();
    });

    private void Settle()
    {
        long begun = Events.NowUs;
        RunUntil(begun + 100_000_000);
        ClientsRun = false;
        RunUntil(Events.NowUs + 100_000_000);

        // New sessions: what nodes still hold for uploads of the old ones they let go of.
        Metadata.RevokeAll();
        List<string> unsettled;
        do
        {
            RunUntil(Events.NowUs + 60_000_000);
            foreach (ObjectNode node in _nodes.Where(static node => node.IsServing))
            {
                Observe(VisitAsync(node), node.Life!);
            }

            RunUntil(Events.NowUs + 60_000_000);
            unsettled = Truth.Unsettled();
        }
        while (unsettled.Count > 0 && Events.NowUs < begun + LivenessUs);

        ClusterTruth.Demand(
            unsettled.Count == 0, "liveness",
            $"{LivenessUs / 1_000_000} s after the last fault {string.Join("; ", unsettled.Take(5))} " +
            $"({unsettled.Count} in all)");
        SettledAfterUs = Events.NowUs - begun;
    }

    /// <summary>
    /// Closes the segment that a node writes to, so that what is garbage there can be freed. Where no scrub finds what
    /// has rotted there, it is found by reading every object through it.
    /// </summary>
    private async Task VisitAsync(ObjectNode node)
    {
        NodeProcess process = node.Process!;
        foreach (string key in Scenario.ScrubWithin == TimeSpan.Zero ? Keys : [])
        {
            try
            {
                await ObjectRequest.ReadAsync(this, process, key, CancellationToken.None);
            }
            catch (StoreException e) when (e.Failure == StoreFailure.NoSuchKey)
            {
                continue;
            }
        }

        await process.Blocks.CloseAsync(process.Blocks.Segments()[^1], CancellationToken.None);
    }
}
