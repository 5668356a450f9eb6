using System.Net;
using Lepton.Coordination.Compaction;
using Lepton.Coordination.Services;
using Lepton.Raft;
using Lepton.Raft.Membership;

namespace Lepton.Coordination.Hosting;

/// <summary><see cref="CoordinatorOptions"/>, checked and resolved.</summary>
/// <param name="Options">What they came from.</param>
/// <param name="DataDir">The full path of the data directory.</param>
/// <param name="ClientUrls">Where clients are served.</param>
/// <param name="PeerUrls">Where peers are served.</param>
/// <param name="AdvertisedClientUrls">What clients are told.</param>
/// <param name="AdvertisedPeerUrls">What peers are told.</param>
/// <param name="FirstMembers">The members at the cluster's beginning.</param>
/// <param name="Joins">Whether the member joins a cluster that is there.</param>
/// <param name="Certificates">Certificates for clients; null for none.</param>
/// <param name="PeerCertificates">Certificates for peers; null for none.</param>
/// <param name="Compaction">Makes what says when to compact; null where nothing is compacted by itself.</param>
internal sealed record CoordinatorSettings(
    CoordinatorOptions Options, string DataDir, IReadOnlyList<Uri> ClientUrls, IReadOnlyList<Uri> PeerUrls,
    IReadOnlyList<string> AdvertisedClientUrls, IReadOnlyList<string> AdvertisedPeerUrls,
    IReadOnlyList<Member> FirstMembers, bool Joins, LoadedCertificates? Certificates,
    LoadedCertificates? PeerCertificates, Func<ICompactionPolicy>? Compaction)
{
    /// <summary>Checks options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="consequence">What wrong ones mean, for the message.</param>
    /// <exception cref="ArgumentException">Some are wrong; the message lists all that are.</exception>
    public static CoordinatorSettings Resolve(
        CoordinatorOptions options, string consequence = "The coordinator can't start.")
    {
        List<string> errors = [];
        Check(options, errors);
        LoadedCertificates? certificates =
            options.Certificates.Load("--", options.TimeProvider.GetUtcNow(), errors);
        LoadedCertificates? peerCertificates =
            options.PeerCertificates.Load("--peer-", options.TimeProvider.GetUtcNow(), errors);
        IReadOnlyList<Uri> clientUrls =
            Listen("listen-client-urls", options.ListenClientUrls, options.Certificates, "--", errors);
        IReadOnlyList<Uri> peerUrls =
            Listen("listen-peer-urls", options.ListenPeerUrls, options.PeerCertificates, "--peer-", errors);
        IReadOnlyList<string> advertisedClients =
            Advertise("advertise-client-urls", options.AdvertiseClientUrls, options.ListenClientUrls, errors);
        IReadOnlyList<string> advertisedPeers = Advertise(
            "initial-advertise-peer-urls", options.InitialAdvertisePeerUrls, options.ListenPeerUrls, errors);
        IReadOnlyList<Member> members = FirstMembersOf(options, advertisedPeers, errors);
        Func<ICompactionPolicy>? compaction =
            CompactionSettings.Read(options.AutoCompactionMode, options.AutoCompactionRetention, errors);
        if (errors.Count > 0)
        {
            throw new ArgumentException($"{consequence} {string.Join(' ', errors)}");
        }

        return new CoordinatorSettings(
            options, Path.GetFullPath(options.DataDir ?? $"{options.Name}.lepton"), clientUrls, peerUrls,
            advertisedClients, advertisedPeers, members, options.InitialClusterState == "existing", certificates,
            peerCertificates, compaction);
    }

    /// <summary>The member that this is, by the flags.</summary>
    public Member Self => FirstMembers.First(member => member.Name == Options.Name);

    /// <summary>
    /// How long a request may take at the node: 5 s, and the time in which a lost leader is noticed and followed.
    /// </summary>
    public TimeSpan RequestTimeout => TimeSpan.FromSeconds(5) + (2 * Options.ElectionTimeout);

    /// <summary>
    /// How long those who have left the cluster are still told of it, and a member that has left goes on answering.
    /// </summary>
    public TimeSpan FarewellTime => 2 * Options.ElectionTimeout;

    /// <summary>The id of a cluster that begins with these flags.</summary>
    public ulong NewClusterId => ClusterIds.Cluster(FirstMembers.Select(static member => member.Id));

    private static void Check(CoordinatorOptions options, List<string> errors)
    {
        Require(options.Name.Length > 0 && options.Name.IndexOfAny([',', '=']) < 0,
            $"--name: '{options.Name}' must not be empty, nor hold ',' or '='.");
        Require(options.InitialClusterState is "new" or "existing",
            $"--initial-cluster-state: '{options.InitialClusterState}' must be new or existing.");
        Require(options.HeartbeatInterval >= TimeSpan.FromMilliseconds(1),
            $"--heartbeat-interval: {options.HeartbeatInterval.TotalMilliseconds} ms must be 1 ms or more.");
        Require(options.ElectionTimeout >= 5 * options.HeartbeatInterval,
            $"--election-timeout: {options.ElectionTimeout.TotalMilliseconds} ms must be five times " +
            $"--heartbeat-interval ({options.HeartbeatInterval.TotalMilliseconds} ms) or more.");
        Require(options.ElectionTimeout <= TimeSpan.FromSeconds(50),
            $"--election-timeout: {options.ElectionTimeout.TotalMilliseconds} ms must be 50000 ms or less.");
        Require(options.QuotaBackendBytes > 0,
            $"--quota-backend-bytes: {options.QuotaBackendBytes} must be above 0.");
        Require(options.CorruptCheckTime >= TimeSpan.Zero,
            $"--corrupt-check-time: {options.CorruptCheckTime} must be above 0, or 0 for never.");
        Require(options.MaxTxnOps > 0, $"--max-txn-ops: {options.MaxTxnOps} must be above 0.");
        Require(options.MaxRequestBytes is > 0 and <= CoordinationServiceOptions.RequestBytesMaxLimit,
            $"--max-request-bytes: {options.MaxRequestBytes} must be above 0 and at most " +
            $"{CoordinationServiceOptions.RequestBytesMaxLimit}: the other members must take it in one message.");

        void Require(bool holds, string error)
        {
            if (!holds)
            {
                errors.Add(error);
            }
        }
    }

    /// <summary>The members that the flags name; none where these flags are wrong.</summary>
    private static IReadOnlyList<Member> FirstMembersOf(
        CoordinatorOptions options, IReadOnlyList<string> advertised, List<string> errors)
    {
        bool isOwn = options.InitialCluster is null;
        if (isOwn && (advertised.Count == 0 || advertised.Any(static url => ListenUrl.Fault(url) is not null)))
        {
            return [];
        }

        int before = errors.Count;
        string cluster = options.InitialCluster ??
            string.Join(',', advertised.Select(url => $"{options.Name}={url}"));
        IReadOnlyList<Member> members = Hosting.InitialCluster.Parse(cluster, options.InitialClusterToken, errors);
        if (errors.Count == before)
        {
            CheckSelf(options, advertised, members, errors);
        }

        return members;
    }

    private static void CheckSelf(
        CoordinatorOptions options, IReadOnlyList<string> advertised, IReadOnlyList<Member> members,
            List<string> errors)
    {
        Member? self = members.FirstOrDefault(member => member.Name == options.Name);
        if (self is null)
        {
            errors.Add($"--initial-cluster names {string.Join(", ", members.Select(static member => member.Name))}, " +
                $"and --name is {options.Name}. Add " +
                    $"{options.Name}={(advertised.Count > 0 ? advertised[0] : "URL")} to it, or " +
                "correct the name.");
        }
        else if (!self.PeerUrls.Order(StringComparer.Ordinal)
            .SequenceEqual(advertised.Order(StringComparer.Ordinal), StringComparer.Ordinal))
        {
            errors.Add($"--initial-cluster has {string.Join(", ", self.PeerUrls)} for {options.Name}, and " +
                $"--initial-advertise-peer-urls has {string.Join(", ", advertised)}. Give both the same" +
                (self.PeerUrls.Count > advertised.Count
                    ? ", and each member a name of its own: a name that comes again is another URL of the same member."
                    : "."));
        }
    }

    private static List<Uri> Listen(
        string flag, IReadOnlyList<string> urls, CertificateFiles certificates, string prefix, List<string> errors)
    {
        List<Uri> listened = [];
        if (certificates.IsGiven && !urls.Any(static url => url.StartsWith("https:", StringComparison.Ordinal)))
        {
            errors.Add(
                $"{prefix}cert-file would protect nothing, as no URL of --{flag} begins with https. Write it so, or " +
                "leave the certificate out.");
        }

        if (urls.Count == 0)
        {
            errors.Add($"--{flag} is empty; give a URL such as http://127.0.0.1:2379.");
        }

        foreach (string text in urls)
        {
            if (ListenUrl.Fault(text) is { } fault)
            {
                errors.Add($"--{flag}: {fault}");
                continue;
            }

            Uri url = new(text);
            IPEndPoint? endPoint = ListenUrl.EndPoint(url);
            if (endPoint is null)
            {
                errors.Add($"--{flag}: '{text}' names a host; give the address of this machine to listen at.");
            }
            else if (url.Scheme == "https" && !certificates.IsGiven)
            {
                errors.Add(
                    $"--{flag}: '{text}' needs a certificate and its key ({prefix}cert-file, {prefix}key-file).");
            }
            else if (!IPAddress.IsLoopback(endPoint.Address) && (url.Scheme == "http" || !certificates.AsksClients))
            {
                errors.Add($"--{flag}: '{text}' can be reached from other machines, where whoever comes could read " +
                    $"and write everything. Use https and let callers in by certificates ({prefix}cert-file, " +
                    $"{prefix}key-file, {prefix}trusted-ca-file, {prefix}client-cert-auth), or listen on 127.0.0.1.");
            }

            listened.Add(url);
        }

        return listened;
    }

    /// <summary>What others are told: where it is not given, what is listened at, whose faults are told.</summary>
    private static IReadOnlyList<string> Advertise(
        string flag, IReadOnlyList<string>? given, IReadOnlyList<string> listened, List<string> errors)
    {
        errors.AddRange((given ?? []).Select(ListenUrl.Fault).OfType<string>().Select(fault => $"--{flag}: {fault}"));
        return given ?? listened;
    }
}
