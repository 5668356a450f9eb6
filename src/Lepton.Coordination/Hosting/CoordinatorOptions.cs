using Lepton.Coordination.Services;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lepton.Coordination.Hosting;

/// <summary>
/// How a coordinator runs. The names are those of etcd's flags. Checked once, when it starts; all that is wrong is told
/// together.
/// </summary>
public sealed record CoordinatorOptions
{
    /// <summary>The largest value of <see cref="MaxRequestBytes"/>.</summary>
    public const int MaxRequestBytesLimit = CoordinationServiceOptions.RequestBytesMaxLimit;

    /// <summary>The member's name, by which <see cref="InitialCluster"/> knows it.</summary>
    public string Name { get; init; } = "default";

    /// <summary>Where its data lies; NAME.lepton in the current directory by default.</summary>
    public string? DataDir { get; init; }

    /// <summary>Where clients are served.</summary>
    public IReadOnlyList<string> ListenClientUrls { get; init; } = ["http://127.0.0.1:2379"];

    /// <summary>What clients are told of that; the same by default.</summary>
    public IReadOnlyList<string>? AdvertiseClientUrls { get; init; }

    /// <summary>Where peers are served.</summary>
    public IReadOnlyList<string> ListenPeerUrls { get; init; } = ["http://127.0.0.1:2380"];

    /// <summary>What peers are told of that; the same by default.</summary>
    public IReadOnlyList<string>? InitialAdvertisePeerUrls { get; init; }

    /// <summary>The members at the cluster's beginning, <c>NAME=URL,…</c>; this member alone by default.</summary>
    public string? InitialCluster { get; init; }

    /// <summary>Whether the cluster is <c>new</c>, or <c>existing</c>: then this member was added to it
    /// before.</summary>
    public string InitialClusterState { get; init; } = "new";

    /// <summary>Tells clusters with the same addresses apart.</summary>
    public string InitialClusterToken { get; init; } = "etcd-cluster";

    /// <summary>
    /// Whether members come and go only where a majority of those who vote then is there; true by default. Without it,
    /// one removal too many stops a cluster of which members are down.
    /// </summary>
    public bool StrictReconfigCheck { get; init; } = true;

    /// <summary>How often a leader shows itself: 100 ms by default, 1 ms at least.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a follower waits for a leader at least, up to twice as long at most: 1 s by default, from five times
    /// <see cref="HeartbeatInterval"/> to 50 s.
    /// </summary>
    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>
    /// Whether a leader answers reads without asking the others, for as long after they last confirmed it as no other
    /// can be elected; false by default. Only where all members have it set, their clocks run alike, and none of them,
    /// process or machine, ever stands still for two <see cref="HeartbeatInterval"/>s: else a read may be old.
    /// </summary>
    public bool LeaseReads { get; init; }

    /// <summary>What the state may hold, in bytes, before writes are refused: 2 GiB by default, above 0.</summary>
    public long QuotaBackendBytes { get; init; } = CoordinationServiceOptions.QuotaBytesDefault;

    /// <summary>
    /// What <see cref="AutoCompactionRetention"/> counts: <c>periodic</c> for time, <c>revision</c> for revisions.
    /// </summary>
    public string AutoCompactionMode { get; init; } = "periodic";

    /// <summary>
    /// How much history is kept at least when the leader compacts by itself: a time such as <c>90m</c>, or a number of
    /// hours; or a number of revisions. <c>0</c>, the default, for all: nothing is compacted by itself.
    /// </summary>
    public string AutoCompactionRetention { get; init; } = "0";

    /// <summary>
    /// How often the leader compares what the members hold; 5 minutes by default, zero for never. A member that holds
    /// something else raises the alarm CORRUPT, and writes are refused.
    /// </summary>
    public TimeSpan CorruptCheckTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How many operations one transaction may hold in each of its branches: 128 by default, above 0.
    /// </summary>
    public int MaxTxnOps { get; init; } = CoordinationServiceOptions.TxnOperationsMaxDefault;

    /// <summary>The largest request, in bytes: 1.5 MiB by default, from 1 to 32 MiB.</summary>
    public int MaxRequestBytes { get; init; } = CoordinationServiceOptions.RequestBytesMaxDefault;

    /// <summary>Certificates for clients.</summary>
    public CertificateFiles Certificates { get; init; } = CertificateFiles.None;

    /// <summary>Certificates for peers.</summary>
    public CertificateFiles PeerCertificates { get; init; } = CertificateFiles.None;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where it logs.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// Reads a time as etcd's flags have it: numbers with units, such as <c>1h30m</c>; <c>0</c> needs none.
    /// </summary>
    /// <exception cref="ArgumentException">It is no such time.</exception>
    public static TimeSpan ParseTime(string flag, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return DurationText.Parse(text) ?? throw new ArgumentException(
            $"{flag}: '{text}' is no time; expected such as 30s, 5m or 1h30m, or 0.");
    }
}
