namespace Lepton.Coordination.Tests.Servers;

/// <summary>How one member is started.</summary>
public sealed record MemberSettings
{
    public required string Name { get; init; }

    /// <summary>The data directory.</summary>
    public required string Data { get; init; }

    /// <summary>Where it serves clients; with certificates where that is https.</summary>
    public required Uri Client { get; init; }

    /// <summary>Where it serves the other members; with certificates where that is https.</summary>
    public required Uri Peer { get; init; }

    /// <summary>The members, <c>NAME=URL,…</c>.</summary>
    public required string Cluster { get; init; }

    /// <summary>Tells clusters apart.</summary>
    public required string Token { get; init; }

    /// <summary>Whether it joins a cluster that runs.</summary>
    public bool Joins { get; init; }

    public TestCertificates? Certificates { get; init; }

    /// <summary>What runs the program, such as a command that puts it into a network of its own.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = [];

    /// <summary>All flags.</summary>
    internal IEnumerable<string> Flags =>
    [
        "--name", Name, "--data-dir", Data,
        "--listen-client-urls", Text(Client), "--advertise-client-urls", Text(Client),
        "--listen-peer-urls", Text(Peer), "--initial-advertise-peer-urls", Text(Peer),
        "--initial-cluster", Cluster, "--initial-cluster-state", Joins ? "existing" : "new",
        "--initial-cluster-token", Token,
        "--heartbeat-interval", "200", "--election-timeout", "2000",
        .. CertificateFlags("--", Client), .. CertificateFlags("--peer-", Peer),
    ];

    private static string Text(Uri url) => url.GetLeftPart(UriPartial.Authority);

    private string[] CertificateFlags(string prefix, Uri url) => url.Scheme == "http" || Certificates is null
        ? []
        :
        [
            $"{prefix}client-cert-auth", $"{prefix}trusted-ca-file", Certificates.CaFile,
            $"{prefix}cert-file", Certificates.CertificateOf("server"),
            $"{prefix}key-file", Certificates.KeyOf("server"),
        ];
}
