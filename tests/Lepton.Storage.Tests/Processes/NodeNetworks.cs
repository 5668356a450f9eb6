using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Partitions;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Storage.Tests.Processes;

/// <summary>
/// A network namespace for each node, s1, s2 and so on, with certificates, and a coordination store that all of them
/// reach. Where namespaces are not allowed the test is skipped.
/// </summary>
internal sealed class NodeNetworks : IAsyncDisposable
{
    private const int ClientPort = 2379;
    private const int PeerPort = 2380;
    private const int ObjectPort = 9000;
    private const int BlockPort = 9100;
    private readonly NetworkLab _lab;
    private readonly TestCertificates _certificates;
    private readonly MemberCluster _members;

    private NodeNetworks(NetworkLab lab, TestCertificates certificates, MemberCluster members) =>
        (_lab, _certificates, _members) = (lab, certificates, members);

    /// <summary>Where the coordination store is.</summary>
    public Uri Coordination => _members.Endpoints[0];

    /// <summary>Who vouches for all of them.</summary>
    public string CaFile => _certificates.CaFile;

    /// <summary>Makes them.</summary>
    public static async Task<NodeNetworks> StartAsync(int nodes)
    {
        ServerProgram.Lepton.Require();
        NetworkLab lab = new(nodes);
        TestCertificates certificates = new(
            [NetworkLab.OwnAddress, .. Enumerable.Range(0, nodes).Select(NetworkLab.AddressOf)]);
        try
        {
            return new NodeNetworks(
                lab, certificates,
                await MemberCluster.StartAsync(
                    ServerProgram.Lepton, certificates, folder => [Member(folder, certificates)]));
        }
        catch
        {
            certificates.Dispose();
            lab.Dispose();
            throw;
        }
    }

    /// <summary>A client of the coordination store, which the caller disposes.</summary>
    public CoordinationClient NewCoordinationClient() => _members.NewClient();

    /// <summary>What runs a program in a node's network.</summary>
    public string[] LauncherOf(string node) => NetworkLab.LauncherOf(NumberOf(node));

    /// <summary>Has a node listen there.</summary>
    public string[] FlagsOf(string node)
    {
        string host = NetworkLab.AddressOf(NumberOf(node)).ToString();
        (string certificate, string key) = (_certificates.CertificateOf("server"), _certificates.KeyOf("server"));
        return
        [
            "--listen", Url(host, ObjectPort), "--cert-file", certificate, "--key-file", key,
            "--listen-blocks", Url(host, BlockPort), "--peer-cert-file", certificate, "--peer-key-file", key,
            "--peer-trusted-ca-file", CaFile,
            "--cacert", CaFile, "--cert", _certificates.CertificateOf("client"), "--key", _certificates.KeyOf("client"),
        ];
    }

    /// <summary>Loses whatever one node sends to another, and nothing else.</summary>
    public static void Lose(string from, string to) => NetworkLab.Lose(NumberOf(from), NumberOf(to));

    /// <summary>Makes all networks whole.</summary>
    public void Heal() => _lab.Heal();

    public async ValueTask DisposeAsync()
    {
        await _members.DisposeAsync();
        _lab.Dispose();
        _certificates.Dispose();
    }

    private static MemberSettings Member(DirectoryInfo folder, TestCertificates certificates)
    {
        string host = NetworkLab.OwnAddress.ToString();
        return new MemberSettings
        {
            Name = "m0",
            Data = folder.CreateSubdirectory("m0").FullName,
            Client = new Uri(Url(host, ClientPort)),
            Peer = new Uri(Url(host, PeerPort)),
            Cluster = $"m0={Url(host, PeerPort)}",
            Token = folder.Name,
            Certificates = certificates,
        };
    }

    private static int NumberOf(string node) => int.Parse(node.AsSpan(1), CultureInfo.InvariantCulture) - 1;

    private static string Url(string host, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"https://{host}:{port}");
}
