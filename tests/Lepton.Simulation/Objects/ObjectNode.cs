using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Core.Randomness;
using Lepton.Simulation.Disk;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.Replication;
using Lepton.Storage.Scrubbing;

namespace Lepton.Simulation.Objects;

/// <summary>One machine: a disk and a clock that outlive processes, and the process of a storage node while it runs.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A process that ends is memory alone.")]
internal sealed class ObjectNode
{
    private readonly SeededRandom _random;

    public ObjectNode(ObjectCluster cluster, int number, bool isDamageable, SeededRandom random)
    {
        (Cluster, Number, IsDamageable, _random) = (cluster, number, isDamageable, random);
        Id = new NodeId(random.NextUInt64().ToString("x16", CultureInfo.InvariantCulture)
            + number.ToString("x16", CultureInfo.InvariantCulture));
        Name = $"s{number}";
        Disk = new SimulatedDisk(random.NextUInt64(), $"/{Name}") { Counts = cluster.DiskFaults };
        CacheDisk = new SimulatedDisk(random.NextUInt64(), $"/{Name}/cache") { Counts = cluster.CacheFaults };
        Clock = new MachineClock(cluster.Events);
        Zone = cluster.Scenario.Zones > 1 ? $"z{random.NextInt32(cluster.Scenario.Zones)}" : "";
    }

    public ObjectCluster Cluster { get; }

    /// <summary>From 1.</summary>
    public int Number { get; }

    public NodeId Id { get; }

    public string Name { get; }

    public string Zone { get; }

    /// <summary>Whether what its disk holds may be damaged or lost.</summary>
    public bool IsDamageable { get; }

    public SimulatedDisk Disk { get; }

    /// <summary>Where it keeps other nodes' blocks: whatever happens to it, nothing may be lost or read wrong.
    /// </summary>
    public SimulatedDisk CacheDisk { get; }

    /// <summary>How far its scrub was when that was last saved.</summary>
    public ScrubRecord Scrubbed { get; set; } = ScrubRecord.None;

    public MachineClock Clock { get; }

    /// <summary>How often it has started: each start has an address of its own.</summary>
    public long Starts { get; private set; }

    /// <summary>The process; null where none runs.</summary>
    public NodeLife? Life { get; private set; }

    /// <summary>What runs in it; null until it serves other nodes.</summary>
    public NodeProcess? Process { get; private set; }

    public LocalPeer? Local => Process?.Local;

    /// <summary>Whether it takes requests of clients.</summary>
    public bool IsServing => Process is { IsServing: true } && Life is { IsPaused: false };

    /// <summary>Whether the machine could refuse a connection.</summary>
    public bool HasPower { get; private set; } = true;

    /// <summary>Whether operators have removed it from the store.</summary>
    public bool IsOut { get; set; }

    /// <summary>Whether it has learned that, and runs no more.</summary>
    public bool IsRemoved { get; private set; }

    /// <summary>How long a piece of work waits for its turn at most, in microseconds.</summary>
    public int TurnUsMax { get; set; } = 300;

    /// <summary>After how many more calls that change the disk the process is killed; null for never.</summary>
    public int? CallsUntilKill { get; set; }

    /// <summary>Starts the process, if none runs.</summary>
    public void Start()
    {
        if (Life is not null || IsRemoved)
        {
            return;
        }

        (HasPower, CallsUntilKill) = (true, null);
        Starts++;
        NodeLife life = Life = new NodeLife(Cluster);
        try
        {
            NodeProcess process = new(this, life, _random.Fork((ulong)Starts));
            Process = process;
            Cluster.Observe(process.ServeAsync(), life);
        }
        catch (Exception e) when (e is IOException or SimulatedPowerLossException or ObjectDisposedException)
        {
            // It can't be opened now: people look at it, and start it again.
            Cluster.Note($"{Name} does not start: {e.Message}");
            Cluster.Faults.Hit(ObjectFault.StartFailed);
            if (Life == life)
            {
                Stop();
                Disk.CrashProcess();
                CacheDisk.CrashProcess();
            }
        }
    }

    /// <summary>The process ends: what it has written is with the system.</summary>
    public void Kill()
    {
        Cluster.Note($"{Name} is killed");
        Stop();
        Disk.CrashProcess();
        CacheDisk.CrashProcess();
    }

    /// <summary>The power fails: what was not flushed is lost, or torn.</summary>
    public void LosePower()
    {
        Cluster.Note($"{Name} loses its power");
        Stop();
        HasPower = false;
        Disk.CrashMachine();
        CacheDisk.CrashMachine();
    }

    public void LosePowerInWrite()
    {
        Cluster.Faults.Hit(ObjectFault.PowerLostInWrite);
        LosePower();
    }

    /// <summary>Counts a call that changes the disk: the process may be killed before it.</summary>
    public void SpendCall()
    {
        if (CallsUntilKill is { } calls)
        {
            CallsUntilKill = calls - 1;
            if (calls <= 0)
            {
                CallsUntilKill = null;
                Cluster.Faults.Hit(ObjectFault.ProcessKilledInWrite);
                Kill();
            }
        }
    }

    /// <summary>Ends it for good.</summary>
    public void Remove()
    {
        IsRemoved = true;
        Stop();
    }

    /// <summary>The disk could not be flushed. The process ends, and the machine is started anew: as long as it is not,
    /// reads may show what the disk does not have.</summary>
    public void FailFlush(NodeLife life)
    {
        if (Life == life)
        {
            Cluster.Faults.Hit(ObjectFault.FlushFailed);
            LosePower();
        }
    }

    /// <summary>Puts the record that says that the node is one of the store's.</summary>
    /// <returns>Whether it is.</returns>
    public async Task<bool> RegisterAsync(MetadataLink link)
    {
        MetadataEntry? entry = await link.GetAsync(MetadataKeys.Node(Name), CancellationToken.None);
        Bytes removed = MetadataKeys.RemovedNode(Id);
        if (await link.GetAsync(removed, CancellationToken.None) is not null)
        {
            Remove();
            return false;
        }

        NodeRecord? there = entry is null ? null : RecordJson.Read(entry, RecordJson.Default.NodeRecord);
        NodeRecord node = new(
            Id.Value, Name, $"http://{Name}:{Starts}/", Zone, there?.Weight ?? 1, there?.IsDraining ?? false, Starts);
        MetadataTxn txn = entry is null
            ? new MetadataTxn().IfNone(MetadataKeys.Node(Name)).IfNone(removed)
            : new MetadataTxn().IfUnchanged(entry).IfNone(removed);
        txn.Put(MetadataKeys.Node(Name), RecordJson.Write(node, RecordJson.Default.NodeRecord));
        return await link.CommitAsync(txn, CancellationToken.None) is not null;
    }

    private void Stop()
    {
        NodeLife? life = Life;
        (Life, Process) = (null, null);
        life?.End();
    }
}
