using Lepton.Coordination.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lepton.Storage.Hosting;

/// <summary>
/// How a storage node runs. Checked once, when it starts; all that is wrong is told together. The client of the
/// coordination store stays the caller's.
/// </summary>
public sealed record StorageOptions
{
    /// <summary>The node's name: letters, digits, dots and hyphens, 1 to 63.</summary>
    public required string Name { get; init; }

    /// <summary>Where its blocks and its identity lie; made where it is missing.</summary>
    public required string DataDir { get; init; }

    /// <summary>The coordination store that holds the metadata.</summary>
    public required CoordinationClient Coordination { get; init; }

    /// <summary>Where S3 is served: scheme <c>http</c>, an address of this machine, a port, 0 for any free
    /// one.</summary>
    public string Listen { get; init; } = "http://127.0.0.1:9000";

    /// <summary>
    /// Where blocks are given to other nodes, and taken from them: scheme <c>http</c>, an address of this machine, a
    /// port, 0 for any free one. Loopback only, in this version.
    /// </summary>
    public string ListenBlocks { get; init; } = "http://127.0.0.1:0";

    /// <summary>What this node may be lost together with, such as a rack: copies of a block go into different zones
    /// where they can. Null for what was said before, or none.</summary>
    public string? Zone { get; init; }

    /// <summary>This node's share of the blocks, by the others' weights: above 0, up to 1,000,000. Null for what was
    /// said before, or 1.</summary>
    public double? Weight { get; init; }

    /// <summary>
    /// How many copies each block has, on as many nodes, where there are so many: 1 to 7. Said when the store is made;
    /// null for what was said then, or 3.
    /// </summary>
    public int? Copies { get; init; }

    /// <summary>
    /// A file with the store's secret key, such as another node's <c>secret.key</c>: for the first start of each node
    /// but a store's first. It is copied into the data directory.
    /// </summary>
    public string? SecretKeyFile { get; init; }

    /// <summary>Hosts whose subdomains are buckets (virtual-host style); <c>localhost</c> by default.</summary>
    public IReadOnlyList<string> Domains { get; init; } = ["localhost"];

    /// <summary>What clients are told the region is. Requests signed for any other are taken as well.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Bytes of a block: 1 MiB by default, from 4 KiB to 64 MiB. Old objects keep theirs.</summary>
    public int BlockBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// Bytes of blocks that lie on other nodes alone and were read here, which are kept in memory: 64 MiB; 0 for none.
    /// </summary>
    public long CacheMemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>The same on disk: 1 GiB; 0 for none. It may take an eighth more.</summary>
    public long CacheDiskBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>How often garbage is collected and forgotten uploads are ended: one hour; zero for never.</summary>
    public TimeSpan UpkeepPeriod { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a node must show no sign of life for its blocks to be copied elsewhere: 5 minutes.</summary>
    public TimeSpan RepairAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many bytes a second this node moves at most to make copies that are missing: 64 MiB.</summary>
    public long RepairBytesPerSecond { get; init; } = 64L * 1024 * 1024;

    /// <summary>How often it is seen whether copies are missing, beside whenever nodes come or go: 10 minutes; zero for
    /// never.</summary>
    public TimeSpan RepairPeriod { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Within which time each block on this node's disk is read and verified again: 7 days, 1 second at
    /// least; zero for never. How much is read a second follows from it.</summary>
    public TimeSpan ScrubWithin { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long the coordination store waits for a sign of life before this node counts as gone: 10 s, in
    /// whole seconds.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where it logs.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
