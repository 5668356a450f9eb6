using Lepton.Core.Randomness;

namespace Lepton.Simulation.Objects;

/// <summary>What one seed is a run of. Times are shorter than a real store's, and stand to each other about as there.
/// </summary>
internal sealed record ObjectScenario
{
    /// <summary>How many nodes there are at first.</summary>
    public required int Nodes { get; init; }

    /// <summary>How many copies are wanted.</summary>
    public required int Copies { get; init; }

    /// <summary>In how many zones they are; 1 for none.</summary>
    public required int Zones { get; init; }

    public required int Clients { get; init; }

    public required int Keys { get; init; }

    /// <summary>For how long faults strike.</summary>
    public required long FaultsUs { get; init; }

    public required long SegmentBytes { get; init; }

    public required int InlineRefs { get; init; }

    /// <summary>Keys in a page of a scan.</summary>
    public required int PageKeys { get; init; }

    public required long RepairBytesPerSecond { get; init; }

    /// <summary>Within which time each node reads each of its blocks again; zero for never.</summary>
    public required TimeSpan ScrubWithin { get; init; }

    /// <summary>Bytes of other nodes' blocks that a node keeps in memory.</summary>
    public required long CacheMemoryBytes { get; init; }

    /// <summary>Bytes of other nodes' blocks that a node keeps on disk.</summary>
    public required long CacheDiskBytes { get; init; }

    /// <summary>Whether what is not needed goes at once: what must stay then stays for what holds it alone, not for the
    /// times that spare it.</summary>
    public required bool FreesAtOnce { get; init; }

    public TimeSpan UpkeepPeriod => TimeSpan.FromSeconds(FreesAtOnce ? 5 : 45);

    public TimeSpan GraceTime => TimeSpan.FromSeconds(FreesAtOnce ? 0 : 60);

    public TimeSpan SpareTime => TimeSpan.FromSeconds(FreesAtOnce ? 0 : 120);

    public TimeSpan RepairAfter { get; } = TimeSpan.FromSeconds(30);

    public TimeSpan RepairPeriod { get; } = TimeSpan.FromSeconds(60);

    public TimeSpan UploadAge { get; } = TimeSpan.FromMinutes(4);

    /// <summary>How many copies there are where none is missing.</summary>
    public int CopiesAtFirst => Math.Min(Copies, Nodes);

    /// <summary>Of how many nodes the disks may be damaged or lost: of each block that was acknowledged, one copy at
    /// least is on none of them.</summary>
    public int Damageable => CopiesAtFirst / 2;

    /// <summary>Three nodes with three copies are drawn more often.</summary>
    public static ObjectScenario Draw(SeededRandom random)
    {
        int nodes = random.NextInt32(20) switch
        {
            < 1 => 1,
            < 3 => 2,
            < 11 => 3,
            < 15 => 4,
            < 19 => 5,
            _ => 6,
        };
        int copies = random.NextInt32(10) switch
        {
            < 1 => 1,
            < 2 => 2,
            < 9 => 3,
            _ => 5,
        };
        return new ObjectScenario
        {
            Nodes = nodes,
            Copies = copies,
            Zones = random.NextInt32(3) == 0 ? 2 + random.NextInt32(2) : 1,
            Clients = 2 + random.NextInt32(3),
            Keys = 2 + random.NextInt32(3),
            FaultsUs = 60_000_000L * (2 + random.NextInt32(9)),
            SegmentBytes = 4096 << random.NextInt32(3),
            InlineRefs = 1 + random.NextInt32(4),
            PageKeys = 1 + random.NextInt32(8),
            RepairBytesPerSecond = 8192 << random.NextInt32(6),
            FreesAtOnce = random.NextInt32(4) == 0,
            ScrubWithin = TimeSpan.FromMinutes(random.NextInt32(3) == 0 ? 0 : 2 + random.NextInt32(6)),
            CacheMemoryBytes = random.NextInt32(2) * (2500 << random.NextInt32(4)),
            CacheDiskBytes = random.NextInt32(2) * 100_000L,
        };
    }
}
