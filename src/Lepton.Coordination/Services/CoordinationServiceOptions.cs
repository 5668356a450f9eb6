using System.Security.Cryptography;

namespace Lepton.Coordination.Services;

/// <summary>What the services allow and how long they wait. Checked once, when they are made.</summary>
internal sealed record CoordinationServiceOptions
{
    /// <summary>What a request may add to its largest allowed size on the wire, in bytes; as etcd has it.</summary>
    public const int RequestOverheadBytes = 512 * 1024;

    /// <summary>The default of <see cref="TxnOperationsMax"/>.</summary>
    public const int TxnOperationsMaxDefault = 128;

    /// <summary>The default of <see cref="RequestBytesMax"/>.</summary>
    public const int RequestBytesMaxDefault = 1536 * 1024;

    /// <summary>
    /// The largest value of <see cref="RequestBytesMax"/>. A request travels between members in one frame, and a member
    /// can't know how the others are set: what one proposes all must take.
    /// </summary>
    public const int RequestBytesMaxLimit = 32 << 20;

    /// <summary>The quota where none is given.</summary>
    public const long QuotaBytesDefault = 2L << 30;

    /// <summary>The protocol that is spoken, as <c>Status</c> and <c>/version</c> give it.</summary>
    public const string ProtocolVersion = "3.5.0";

    /// <summary>How many operations one transaction may hold, in each of its branches; 128 by default.</summary>
    public int TxnOperationsMax { get; init; } = TxnOperationsMaxDefault;

    /// <summary>
    /// The largest request that may be proposed, in bytes; 1.5 MiB by default, 32 MiB at most
    /// (<see cref="RequestBytesMaxLimit"/>).
    /// </summary>
    public int RequestBytesMax { get; init; } = RequestBytesMaxDefault;

    /// <summary>
    /// What the keys may take before writes are refused and the alarm NOSPACE is raised, in bytes; 0, the default, for
    /// 2 GiB.
    /// </summary>
    public long QuotaBackendBytes { get; init; }

    /// <summary>How long a request may take where its caller set no earlier deadline; 7 s by default.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>
    /// The election timeout of the cluster; 1 s by default. Streams of callers that require a leader end when there
    /// has been none for three times as long, and no lease is shorter than one and a half times.
    /// </summary>
    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How often a watch that asked for it is told the revision while nothing happens; 10 min by default.
    /// </summary>
    public TimeSpan WatchProgressInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many watches one stream may hold; 10,000 by default.</summary>
    public int WatchesPerStreamMax { get; init; } = 10_000;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Picks ids of leases and members: any number above 0 and below 2^63, hardly ever the same twice.
    /// </summary>
    public Func<long> NewId { get; init; } = RandomId;

    /// <summary>The largest message that a server of these services has to accept, in bytes.</summary>
    public int MessageBytesMax => RequestBytesMax + RequestOverheadBytes;

    /// <summary>The quota that is in force, in bytes.</summary>
    internal long QuotaBytes => QuotaBackendBytes > 0 ? QuotaBackendBytes : QuotaBytesDefault;

    /// <summary>The shortest time to live of a lease, in whole seconds.</summary>
    internal long LeaseTtlSecondsMin => (long)Math.Ceiling(1.5 * ElectionTimeout.TotalSeconds);

    /// <summary>Throws with all that is wrong at once.</summary>
    internal void Validate()
    {
        List<string> errors = [];
        Require(TxnOperationsMax > 0, $"{nameof(TxnOperationsMax)} is {TxnOperationsMax}; it must be above 0.");
        Require(RequestBytesMax is > 0 and <= RequestBytesMaxLimit,
            $"{nameof(RequestBytesMax)} is {RequestBytesMax}; it must be above 0 and at most {RequestBytesMaxLimit}.");
        Require(QuotaBackendBytes >= 0,
            $"{nameof(QuotaBackendBytes)} is {QuotaBackendBytes}; it must not be negative.");
        Require(RequestTimeout > TimeSpan.Zero, $"{nameof(RequestTimeout)} is {RequestTimeout}; it must be above 0.");
        Require(ElectionTimeout > TimeSpan.Zero,
            $"{nameof(ElectionTimeout)} is {ElectionTimeout}; it must be above 0.");
        Require(WatchProgressInterval >= TimeSpan.FromMilliseconds(100),
            $"{nameof(WatchProgressInterval)} is {WatchProgressInterval}; it must be 100 ms or more.");
        Require(WatchesPerStreamMax > 0,
            $"{nameof(WatchesPerStreamMax)} is {WatchesPerStreamMax}; it must be above 0.");
        if (errors.Count > 0)
        {
            throw new ArgumentException("The options of the coordination services are wrong: " +
                string.Join(' ', errors));
        }

        void Require(bool holds, string error)
        {
            if (!holds)
            {
                errors.Add(error);
            }
        }
    }

    private static long RandomId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        long id;
        do
        {
            RandomNumberGenerator.Fill(bytes);
            id = BitConverter.ToInt64(bytes) & long.MaxValue;
        }
        while (id == 0);
        return id;
    }
}
