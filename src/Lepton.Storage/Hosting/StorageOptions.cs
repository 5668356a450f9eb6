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

    /// <summary>Hosts whose subdomains are buckets (virtual-host style); <c>localhost</c> by default.</summary>
    public IReadOnlyList<string> Domains { get; init; } = ["localhost"];

    /// <summary>What clients are told the region is. Requests signed for any other are taken as well.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Bytes of a block: 4 MiB by default, from 4 KiB to 64 MiB. Old objects keep theirs.</summary>
    public int BlockBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How often garbage is collected and forgotten uploads are ended: one hour; zero for never.</summary>
    public TimeSpan UpkeepPeriod { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where it logs.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
