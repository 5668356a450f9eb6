using System.CommandLine;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Coordination.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.Cli.Coordination;

/// <summary>The flags of <c>lepton coordinator</c>; names and meanings are those of etcd's.</summary>
internal sealed class CoordinatorFlags
{
    private static readonly CoordinatorOptions Defaults = new();
    private readonly Option<string> _name = Text("--name", "The member's name.", "NAME", Defaults.Name);
    private readonly Option<string?> _dataDir =
        Optional("--data-dir", "Where its data lies; NAME.lepton otherwise.", "DIR");

    private readonly Option<string> _listenClients = Text(
        "--listen-client-urls", "Where to serve clients.", "URL,…", Defaults.ListenClientUrls[0]);

    private readonly Option<string?> _advertiseClients =
        Optional("--advertise-client-urls", "What clients are told of that; the same otherwise.", "URL,…");

    private readonly Option<string> _listenPeers = Text(
        "--listen-peer-urls", "Where to serve the other members.", "URL,…", Defaults.ListenPeerUrls[0]);

    private readonly Option<string?> _advertisePeers =
        Optional("--initial-advertise-peer-urls", "What the others are told of that; the same otherwise.", "URL,…");

    private readonly Option<string?> _cluster = Optional(
        "--initial-cluster", "The members at the cluster's beginning; this one alone otherwise.", "NAME=URL,…");

    private readonly Option<string> _state = Text(
        "--initial-cluster-state", "new, or existing where the member was added to a cluster that runs.",
            "new|existing",
        Defaults.InitialClusterState);

    private readonly Option<string> _token = Text(
        "--initial-cluster-token", "Tells clusters with the same addresses apart.", "TOKEN",
            Defaults.InitialClusterToken);

    private readonly Option<bool> _strict = new("--strict-reconfig-check")
    {
        Description = "Refuse to let members come and go where too few of the rest are there.",
        HelpName = "true|false",
        DefaultValueFactory = _ => Defaults.StrictReconfigCheck,
    };

    private readonly Option<int> _heartbeat = Number(
        "--heartbeat-interval", "How often a leader shows itself, in ms,",
        (int)Defaults.HeartbeatInterval.TotalMilliseconds);

    private readonly Option<int> _election = Number(
        "--election-timeout", "How long the others wait for it at least, in ms,",
        (int)Defaults.ElectionTimeout.TotalMilliseconds);

    private readonly Option<bool> _leaseReads = new("--lease-reads")
    {
        Description = "Answer reads without asking the others. Only where all members do, and none ever stands still " +
            "for two heartbeats.",
        DefaultValueFactory = _ => Defaults.LeaseReads,
    };

    private readonly Option<long> _quota = Bytes(
        "--quota-backend-bytes", "What the store may hold, in bytes, before writes are refused.",
        Defaults.QuotaBackendBytes);

    private readonly Option<string> _compactionMode = Text(
        "--auto-compaction-mode", "What --auto-compaction-retention counts.", "periodic|revision",
        Defaults.AutoCompactionMode);

    private readonly Option<string> _compactionRetention = Text(
        "--auto-compaction-retention",
        "How much history is kept: a time (90m; 2 for hours), or revisions; 0 for all.", "TIME|N",
        Defaults.AutoCompactionRetention);

    private readonly Option<string> _corruptCheckTime = Text(
        "--corrupt-check-time", "How often the leader compares what the members hold; 0 for never.", "TIME",
        string.Create(CultureInfo.InvariantCulture, $"{Defaults.CorruptCheckTime.TotalMinutes}m"));

    private readonly Option<int> _txnOps =
        Number("--max-txn-ops", "How many operations one transaction may hold,", Defaults.MaxTxnOps);

    private readonly Option<int> _requestBytes = Bounded.Number(
        "--max-request-bytes", "The largest request, in bytes,", Defaults.MaxRequestBytes, 1,
        CoordinatorOptions.MaxRequestBytesLimit);

    private readonly CertificateFlags _certificates = new("--", "clients");
    private readonly CertificateFlags _peerCertificates = new("--peer-", "the other members");

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All =>
    [
        _name, _dataDir, _listenClients, _advertiseClients, _listenPeers, _advertisePeers, _cluster, _state, _token,
        _strict, _heartbeat, _election, _leaseReads, _quota, _compactionMode, _compactionRetention, _corruptCheckTime,
        _txnOps,
        _requestBytes,
        .. _certificates.All, .. _peerCertificates.All,
    ];

    /// <summary>What was given.</summary>
    public CoordinatorOptions Read(ParseResult result, ILoggerFactory logs) => new()
    {
        Name = result.GetRequiredValue(_name),
        DataDir = result.GetValue(_dataDir),
        ListenClientUrls = Urls(result.GetRequiredValue(_listenClients)),
        AdvertiseClientUrls = result.GetValue(_advertiseClients) is { } clients ? Urls(clients) : null,
        ListenPeerUrls = Urls(result.GetRequiredValue(_listenPeers)),
        InitialAdvertisePeerUrls = result.GetValue(_advertisePeers) is { } peers ? Urls(peers) : null,
        InitialCluster = result.GetValue(_cluster),
        InitialClusterState = result.GetRequiredValue(_state),
        InitialClusterToken = result.GetRequiredValue(_token),
        StrictReconfigCheck = result.GetValue(_strict),
        HeartbeatInterval = TimeSpan.FromMilliseconds(result.GetValue(_heartbeat)),
        ElectionTimeout = TimeSpan.FromMilliseconds(result.GetValue(_election)),
        LeaseReads = result.GetValue(_leaseReads),
        QuotaBackendBytes = result.GetValue(_quota) is 0 ? Defaults.QuotaBackendBytes : result.GetValue(_quota),
        AutoCompactionMode = result.GetRequiredValue(_compactionMode),
        AutoCompactionRetention = result.GetRequiredValue(_compactionRetention),
        CorruptCheckTime =
            CoordinatorOptions.ParseTime(_corruptCheckTime.Name, result.GetRequiredValue(_corruptCheckTime)),
        MaxTxnOps = result.GetValue(_txnOps),
        MaxRequestBytes = result.GetValue(_requestBytes),
        Certificates = _certificates.Read(result),
        PeerCertificates = _peerCertificates.Read(result),
        LoggerFactory = logs,
    };

    private static string[] Urls(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Option<string> Text(string name, string description, string helpName, string otherwise) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => otherwise,
    };

    private static Option<string?> Optional(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };

    private static Option<long> Bytes(string name, string description, long otherwise) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value))
            {
                return value;
            }

            result.AddError($"{name} is '{text}'; expected a number of bytes, 0 for the default.");
            return otherwise;
        },
    };

    private static Option<int> Number(string name, string description, int otherwise) =>
        Bounded.Number(name, description, otherwise, 1, int.MaxValue);
}
