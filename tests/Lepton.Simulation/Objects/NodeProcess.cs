using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Core.Randomness;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Hosting;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.Replication;
using Lepton.Storage.Scrubbing;

namespace Lepton.Simulation.Objects;

/// <summary>
/// The parts of a storage node, put together as <see cref="StorageNode"/> does: all of them are the real ones but the
/// network, the disk, the clock, the client of the coordination store and what follows the nodes through it. Nothing
/// is encrypted: keys, and so the hashes by which blocks are placed, would not follow from the seed. Nor does it find
/// out which objects lost blocks have, which only tells people.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A process that ends is memory alone.")]
internal sealed class NodeProcess
{
    private readonly ObjectNode _node;
    private readonly NodeLife _life;
    private readonly NodeClock _clock;
    private readonly NodeThreads _threads;
    private readonly MetadataLink _link;
    private readonly StorageUpkeep _upkeep;
    private readonly RepairController _repair;
    private readonly Scrubber _scrub;

    /// <summary>Opens the disk.</summary>
    /// <exception cref="IOException">It can't be opened.</exception>
    public NodeProcess(ObjectNode node, NodeLife life, SeededRandom random)
    {
        (_node, _life) = (node, life);
        ObjectScenario scenario = node.Cluster.Scenario;
        _clock = new NodeClock(node.Clock, life);
        _link = new MetadataLink(node.Cluster, life, node.Number, random.Fork(1));
        SeededRandom turns = random.Fork(2);
        NodeLog log = new(node);
        NodeThreads threads = _threads = new(life, () => 10 + turns.NextInt32(node.TurnUsMax));
        Blocks = BlockStore.Open(new BlockStoreOptions
        {
            Directory = node.Disk.Path,
            Disk = new NodeDisk(node, life, node.Disk),
            SegmentBytesMax = scenario.SegmentBytes,

            // Less than the smallest record: whatever is garbage has its segment written anew.
            LiveShareMin = 1 - (40.0 / scenario.SegmentBytes),
            GraceTime = scenario.GraceTime,
            TimeProvider = _clock,
            Threads = threads,
            Logger = log,
        });
        Blocks.Failed += _ => node.FailFlush(life);
        Membership = new NodeMembership(node, life, _link, _clock, threads);
        UploadPins pins = new(Blocks);
        Membership.Changed += pins.ReleaseEnded;
        Local = new LocalPeer(Blocks, pins, Membership);
        ReplicationOptions replication = ReplicationOf(scenario);
        PeerSet peers = new(Membership, Local, Connect, replication);
        RepairQueue repairs = new(log, threads);
        Cache = BlockCache.Open(
            node.CacheDisk.Path, replication, log, new NodeDisk(node, life, node.CacheDisk));
        life.WhenOver(() => node.Cluster.CacheHits += Cache.Report.Hits);
        ReplicatedBlocks replicated = new(peers, repairs, replication, Cache);
        BlockRepairer repairer = new(peers, replicated);
        RepairBudget budget = new(scenario.RepairBytesPerSecond, _clock);
        repairs.Start((blocks, stop) => repairer.RepairAsync(
            blocks, Membership.View.Layout, budget.WaitAsync, stop));
        _scrub = new Scrubber(
            Blocks, new FoundByScrub(node.Cluster, repairs), new NodeScrubFile(node, life), scenario.ScrubWithin,
            _clock, log);
        ObjectStoreOptions options = ObjectsOf(scenario, random.Fork(3));
        ContentStore contents = new(replicated, options);
        Objects = new ObjectStore(_link, contents, options);
        Uploads = new UploadStore(Objects);
        Buckets = new BucketStore(_link, _clock);
        _upkeep = new StorageUpkeep(
            new GarbageCollector(_link, contents, scenario.SpareTime, _clock), Uploads, scenario.UpkeepPeriod, _clock,
            log);
        _repair = new RepairController(
            Membership, repairer, budget, () => new BlockScan(_link, contents), new StorageOptions
            {
                Name = node.Name,
                DataDir = node.Disk.Path,
                Coordination = null!,
                RepairAfter = scenario.RepairAfter,
                RepairPeriod = scenario.RepairPeriod,
                TimeProvider = _clock,
            },
            log);
    }

    public BlockStore Blocks { get; }

    public BlockCache Cache { get; }

    public LocalPeer Local { get; }

    public NodeMembership Membership { get; }

    public ObjectStore Objects { get; }

    public UploadStore Uploads { get; }

    public BucketStore Buckets { get; }

    /// <summary>Lists keys of a bucket.</summary>
    public Task<ListPage> ListAsync(ListQuery query, CancellationToken cancellationToken) => new KeyListing(
        _link, MetadataKeys.ObjectsOf(ObjectContent.Bucket), query).RunAsync(cancellationToken);

    /// <summary>Whether requests of clients are taken.</summary>
    public bool IsServing { get; private set; }

    /// <summary>Makes the node one of the store's, and serves.</summary>
    public async Task ServeAsync()
    {
        while (!await IsRegisteredAsync())
        {
            await _threads.DelayAsync(TimeSpan.FromSeconds(1), _clock, CancellationToken.None);
        }

        if (await Membership.StartAsync() is not { } session)
        {
            _node.Remove();
            return;
        }

        await Membership.WaitAsync(view => view.Revision >= session.Token, CancellationToken.None);
        Membership.Changed += RetireIfRemoved;
        IsServing = true;
        _upkeep.Start();
        _repair.Start();
        _scrub.Start();
    }

    private void RetireIfRemoved(ClusterView view)
    {
        if (view.Layout.Find(_node.Id) is null)
        {
            _node.Remove();
        }
    }

    private async Task<bool> IsRegisteredAsync()
    {
        try
        {
            return await _node.RegisterAsync(_link);
        }
        catch (CoordinationException)
        {
            return false;
        }
    }

    private ObjectStoreOptions ObjectsOf(ObjectScenario scenario, SeededRandom ids) => new()
    {
        BlockBytes = ObjectContent.BlockBytes,
        InlineRefsMax = scenario.InlineRefs,
        PartBytesMin = ObjectContent.BlockBytes,
        UploadAgeMax = scenario.UploadAge,
        NewUploadId = () => ids.NextUInt64().ToString("x16", CultureInfo.InvariantCulture)
            + ids.NextUInt64().ToString("x16", CultureInfo.InvariantCulture),
        TimeProvider = _clock,
    };

    private ReplicationOptions ReplicationOf(ObjectScenario scenario) => new()
    {
        CacheMemoryBytesMax = scenario.CacheMemoryBytes,
        CacheDiskBytesMax = scenario.CacheDiskBytes,
        TimeProvider = _clock,
        Threads = _threads,
    };

    private DistantPeer Connect(ClusterNode target) => new(
        _node.Cluster, _life, _node.Number, _node.Cluster.NodeOf(target.Id), target.Address.Port);
}
